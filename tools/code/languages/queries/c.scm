(function_definition
  declarator: [
    (function_declarator declarator: (_) @name)
    (_ declarator: (function_declarator declarator: (_) @name))
    (_ declarator: (_ declarator: (function_declarator declarator: (_) @name)))
    ; TEST(name) { … }, where TEST is taken for a type
    (parenthesized_declarator (identifier) @name)
  ]
  body: (_) @body) @function

; typedef int (*name)(int);
(type_definition
  declarator: [
    (function_declarator
      declarator: (parenthesized_declarator (pointer_declarator declarator: (_) @name)))
    (_ declarator: (function_declarator
      declarator: (parenthesized_declarator (pointer_declarator declarator: (_) @name))))
  ]) @type
