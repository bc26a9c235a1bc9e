; What JavaScript and TypeScript have in common.

(class_declaration name: (_) @name body: (_) @body) @class
(function_declaration name: (_) @name body: (_) @body) @function
(generator_function_declaration name: (_) @name body: (_) @body) @function
(method_definition name: (_) @name body: (_) @body) @method

; Functions and classes that get their name from what they are bound to.
(variable_declarator
  name: (identifier) @name
  value: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)
    (generator_function body: (_) @body)
  ]) @function
(variable_declarator name: (identifier) @name value: (class body: (_) @body)) @class
(assignment_expression
  left: [
    (identifier) @name
    (member_expression object: (_) @scope property: (_) @name)
  ]
  right: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)
    (generator_function body: (_) @body)
  ]) @function
(assignment_expression
  left: [
    (identifier) @name
    (member_expression object: (_) @scope property: (_) @name)
  ]
  right: (class body: (_) @body)) @class
(pair
  key: [(property_identifier) (string) (private_property_identifier)] @name
  value: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)
    (generator_function body: (_) @body)
  ]) @function

(program (lexical_declaration (variable_declarator name: (identifier) @name) @variable))
(program (variable_declaration (variable_declarator name: (identifier) @name) @variable))
(program
  (export_statement
    (lexical_declaration (variable_declarator name: (identifier) @name) @variable)))

; With the keywords before it.
(lexical_declaration . (variable_declarator name: (identifier) @name) .) @whole
(variable_declaration . (variable_declarator name: (identifier) @name) .) @whole
(export_statement declaration: (_ name: (_) @name)) @whole
(export_statement
  declaration: (lexical_declaration . (variable_declarator name: (identifier) @name) .)) @whole
(decorator) @leading

(import_statement) @import
(export_statement source: (_)) @import
(call_expression
  function: (identifier) @_require
  arguments: (arguments . (string) .)
  (#eq? @_require "require")) @import
(call_expression function: (import) arguments: (arguments . (string))) @import

(comment) @comment
[(string) (template_string) (regex)] @string
(template_substitution) @code
