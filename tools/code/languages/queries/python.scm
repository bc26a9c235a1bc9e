(class_definition name: (identifier) @name ":" @body) @class
(function_definition name: (identifier) @name ":" @body) @function
(decorated_definition definition: (_ name: (identifier) @name)) @span

(class_definition
  name: (identifier) @name
  body: (block . (expression_statement . (string) @doc)))
(function_definition
  name: (identifier) @name
  body: (block . (expression_statement . (string) @doc)))

(module (expression_statement (assignment left: (identifier) @name)) @variable)
(module (expression_statement (assignment left: (pattern_list (identifier) @name))) @variable)
(module (type_alias_statement left: (type (identifier) @name)) @type)

[(import_statement) (import_from_statement) (future_import_statement)] @import
(comment) @comment
(string) @string
(interpolation) @code
