(function_definition
  declarator: [
    (function_declarator declarator: (_) @name)
    (_ declarator: (function_declarator declarator: (_) @name))
    (_ declarator: (_ declarator: (function_declarator declarator: (_) @name)))
  ]
  body: (_) @body) @function
; A macro that begins a function: TEST(name) { … }, which the grammar takes for a call and a block.
(function_definition
  declarator: (parenthesized_declarator (identifier) @name)
  body: (_) @body) @function
(translation_unit
  (expression_statement
    (call_expression
      arguments: [
        (argument_list . (string_literal) @name)
        (argument_list . (identifier) @name .)
        (argument_list . (identifier) @scope . [(identifier) (string_literal)] @name)
      ])) @function
  . (compound_statement) @body @span)
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
  (expression_statement
    (call_expression
      arguments: [
        (argument_list . (string_literal) @name)
        (argument_list . (identifier) @name .)
        (argument_list . (identifier) @scope . [(identifier) (string_literal)] @name)
      ])) @function
  . (compound_statement) @body @span)

(struct_specifier name: (_) @name body: (_) @body) @struct
(union_specifier name: (_) @name body: (_) @body) @struct
(enum_specifier name: (_) @name body: (_) @body) @enum
(type_definition declarator: (type_identifier) @name) @type
(type_definition declarator: (_ declarator: (type_identifier) @name)) @type
(type_definition type: (struct_specifier !name body: (_) @body) declarator: (type_identifier) @name) @struct
(type_definition type: (union_specifier !name body: (_) @body) declarator: (type_identifier) @name) @struct
(type_definition type: (enum_specifier !name body: (_) @body) declarator: (type_identifier) @name) @enum
(type_definition
  declarator: [
    (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (_) @name)))
    (_ declarator: (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (_) @name))))
  ]) @type
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

(preproc_include) @import
(comment) @comment
[(string_literal) (char_literal) (system_lib_string)] @string
