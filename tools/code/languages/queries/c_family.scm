; What C and C++ have in common.

(struct_specifier name: (_) @name body: (_) @body) @struct
(union_specifier name: (_) @name body: (_) @body) @struct
(enum_specifier name: (_) @name body: (_) @body) @enum

(type_definition declarator: (type_identifier) @name) @type
(type_definition declarator: (_ declarator: (type_identifier) @name)) @type
(type_definition
  type: [
    (struct_specifier !name body: (_) @body)
    (union_specifier !name body: (_) @body)
  ]
  declarator: (type_identifier) @name) @struct
(type_definition
  type: (enum_specifier !name body: (_) @body)
  declarator: (type_identifier) @name) @enum

(preproc_def name: (_) @name) @macro
(preproc_function_def name: (_) @name) @macro

; A macro that begins a function: TEST(name) { … } is a call and a block to the grammar.
(_
  (expression_statement
    (call_expression
      arguments: [
        (argument_list . (string_literal) @name)
        (argument_list . (identifier) @name .)
        (argument_list . (identifier) @scope . [(identifier) (string_literal)] @name)
      ])) @function
  . (compound_statement) @body @span)

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
