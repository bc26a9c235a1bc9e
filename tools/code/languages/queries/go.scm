(function_declaration name: (identifier) @name body: (_) @body) @function
(function_declaration name: (identifier) @name) @function
(method_declaration
  receiver: (parameter_list (parameter_declaration type: (_) @scope))
  name: (_) @name
  body: (_) @body) @method
(type_spec name: (_) @name type: (struct_type) @body) @struct
(type_spec name: (_) @name type: (interface_type) @body) @interface
(type_spec name: (_) @name) @type
(type_alias name: (_) @name) @type
((type_declaration . (_ name: (_) @name)) @whole
  (#not-match? @whole "^type\\s*\\("))

(source_file (const_declaration (const_spec name: (identifier) @name) @constant))
((source_file (const_declaration . (const_spec name: (identifier) @name)) @whole)
  (#not-match? @whole "^const\\s*\\("))
(source_file (var_declaration (var_spec name: (identifier) @name) @variable))
((source_file (var_declaration . (var_spec name: (identifier) @name)) @whole)
  (#not-match? @whole "^var\\s*\\("))
(source_file (var_declaration (var_spec_list (var_spec name: (identifier) @name) @variable)))

(import_spec) @import
(comment) @comment
[(interpreted_string_literal) (raw_string_literal) (rune_literal)] @string
