(function_definition
  declarator: [
    (function_declarator declarator: (_) @name)
    (_ (function_declarator declarator: (_) @name))
    (_ (_ (function_declarator declarator: (_) @name)))
    (operator_cast) @name
  ]
  body: (_)? @body) @function
(function_definition
  declarator: (qualified_identifier scope: (_) @scope name: (operator_cast) @name)
  body: (_) @body) @function

; A macro that begins a function: TEST(Suite, Name) { … }. What is in the parentheses tells it from
; others. Not in a class, where it is a constructor whose parameters have no names.
(translation_unit
  (function_definition
    !type
    declarator: (function_declarator
      declarator: (identifier)
      parameters: [
        (parameter_list . (parameter_declaration type: (type_identifier) @name !declarator) .)
        (parameter_list
          . (parameter_declaration type: (type_identifier) @scope !declarator)
          . (parameter_declaration type: (type_identifier) @name !declarator)
          .)
      ])
    body: (_) @body) @function)
(declaration_list
  (function_definition
    !type
    declarator: (function_declarator
      declarator: (identifier)
      parameters: [
        (parameter_list . (parameter_declaration type: (type_identifier) @name !declarator) .)
        (parameter_list
          . (parameter_declaration type: (type_identifier) @scope !declarator)
          . (parameter_declaration type: (type_identifier) @name !declarator)
          .)
      ])
    body: (_) @body) @function)

(class_specifier name: (_) @name body: (_) @body) @class
(namespace_definition name: (_) @name body: (_) @body) @module
(concept_definition name: (_) @name) @type
(alias_declaration name: (_) @name) @type
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

(raw_string_literal) @string
