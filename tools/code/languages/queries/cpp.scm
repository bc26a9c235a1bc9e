(function_definition
  declarator: [
    (function_declarator declarator: (_) @name)
    (_ (function_declarator declarator: (_) @name))
    (_ (_ (function_declarator declarator: (_) @name)))
  ]) @function
(function_definition declarator: (operator_cast) @name) @function
(function_definition declarator: (operator_cast) @name body: (_) @body) @function
(function_definition
  declarator: (qualified_identifier scope: (_) @scope name: (operator_cast) @name)
  body: (_) @body) @function
(function_definition
  declarator: [
    (function_declarator declarator: (_) @name)
    (_ (function_declarator declarator: (_) @name))
    (_ (_ (function_declarator declarator: (_) @name)))
  ]
  body: (_) @body) @function
; A macro that begins a function: TEST(Suite, Name) { … }; its name is what tells it from others.
(translation_unit
  (function_definition
    !type
    declarator: (function_declarator
      declarator: (identifier)
      parameters: (parameter_list . (parameter_declaration type: (type_identifier) @name !declarator) .))
    body: (_) @body) @function)
(translation_unit
  (function_definition
    !type
    declarator: (function_declarator
      declarator: (identifier)
      parameters: (parameter_list
        . (parameter_declaration type: (type_identifier) @scope !declarator)
        . (parameter_declaration type: (type_identifier) @name !declarator)
        .))
    body: (_) @body) @function)
(translation_unit
  (expression_statement
    (call_expression
      arguments: [
        (argument_list . (string_literal) @name)
        (argument_list . (identifier) @name .)
        (argument_list . (identifier) @scope . [(identifier) (string_literal)] @name)
      ])) @function
  . (compound_statement) @body @span)
(declaration_list
  (function_definition
    !type
    declarator: (function_declarator
      declarator: (identifier)
      parameters: (parameter_list . (parameter_declaration type: (type_identifier) @name !declarator) .))
    body: (_) @body) @function)
(declaration_list
  (function_definition
    !type
    declarator: (function_declarator
      declarator: (identifier)
      parameters: (parameter_list
        . (parameter_declaration type: (type_identifier) @scope !declarator)
        . (parameter_declaration type: (type_identifier) @name !declarator)
        .))
    body: (_) @body) @function)
(declaration_list
  (expression_statement
    (call_expression
      arguments: [
        (argument_list . (string_literal) @name)
        (argument_list . (identifier) @name .)
        (argument_list . (identifier) @scope . [(identifier) (string_literal)] @name)
      ])) @function
  . (compound_statement) @body @span)
(preproc_ifdef
  (function_definition
    !type
    declarator: (function_declarator
      declarator: (identifier)
      parameters: (parameter_list . (parameter_declaration type: (type_identifier) @name !declarator) .))
    body: (_) @body) @function)
(preproc_ifdef
  (function_definition
    !type
    declarator: (function_declarator
      declarator: (identifier)
      parameters: (parameter_list
        . (parameter_declaration type: (type_identifier) @scope !declarator)
        . (parameter_declaration type: (type_identifier) @name !declarator)
        .))
    body: (_) @body) @function)
(preproc_ifdef
  (expression_statement
    (call_expression
      arguments: [
        (argument_list . (string_literal) @name)
        (argument_list . (identifier) @name .)
        (argument_list . (identifier) @scope . [(identifier) (string_literal)] @name)
      ])) @function
  . (compound_statement) @body @span)
(preproc_if
  (function_definition
    !type
    declarator: (function_declarator
      declarator: (identifier)
      parameters: (parameter_list . (parameter_declaration type: (type_identifier) @name !declarator) .))
    body: (_) @body) @function)
(preproc_if
  (function_definition
    !type
    declarator: (function_declarator
      declarator: (identifier)
      parameters: (parameter_list
        . (parameter_declaration type: (type_identifier) @scope !declarator)
        . (parameter_declaration type: (type_identifier) @name !declarator)
        .))
    body: (_) @body) @function)
(preproc_if
  (expression_statement
    (call_expression
      arguments: [
        (argument_list . (string_literal) @name)
        (argument_list . (identifier) @name .)
        (argument_list . (identifier) @scope . [(identifier) (string_literal)] @name)
      ])) @function
  . (compound_statement) @body @span)

(class_specifier name: (_) @name body: (_) @body) @class
(struct_specifier name: (_) @name body: (_) @body) @struct
(union_specifier name: (_) @name body: (_) @body) @struct
(enum_specifier name: (_) @name body: (_) @body) @enum
(namespace_definition name: (_) @name body: (_) @body) @module
(concept_definition name: (_) @name) @type
(alias_declaration name: (_) @name) @type
(type_definition declarator: (type_identifier) @name) @type
(type_definition declarator: (_ declarator: (type_identifier) @name)) @type
(type_definition type: (struct_specifier !name body: (_) @body) declarator: (type_identifier) @name) @struct
(type_definition type: (union_specifier !name body: (_) @body) declarator: (type_identifier) @name) @struct
(type_definition type: (enum_specifier !name body: (_) @body) declarator: (type_identifier) @name) @enum
(preproc_def name: (_) @name) @macro
(preproc_function_def name: (_) @name) @macro
(translation_unit
  (declaration
    declarator: (init_declarator
      declarator: [
        (identifier) @name
        (_ declarator: (identifier) @name)
        (_ declarator: (_ declarator: (identifier) @name))
      ])) @variable)
(declaration_list
  (declaration
    declarator: (init_declarator
      declarator: [
        (identifier) @name
        (_ declarator: (identifier) @name)
        (_ declarator: (_ declarator: (identifier) @name))
      ])) @variable)

(template_declaration (_ name: (_) @name)) @whole
(template_declaration
  (function_definition
    declarator: [
      (function_declarator declarator: (_) @name)
      (_ (function_declarator declarator: (_) @name))
      (_ (_ (function_declarator declarator: (_) @name)))
    ])) @whole

(preproc_include) @import
(comment) @comment
[(string_literal) (char_literal) (raw_string_literal) (system_lib_string)] @string
