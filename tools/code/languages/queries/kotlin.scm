(class_declaration name: (_) @name) @class
(class_declaration name: (_) @name (class_body) @body) @class
(class_declaration "interface" name: (_) @name) @interface
(class_declaration name: (_) @name (enum_class_body) @body) @enum
(object_declaration name: (_) @name) @class
(object_declaration name: (_) @name (class_body) @body) @class
(companion_object name: (_) @name (class_body) @body) @class
(function_declaration name: (_) @name) @function
(function_declaration name: (_) @name (function_body) @body) @function
(secondary_constructor "constructor" @name) @constructor
(secondary_constructor "constructor" @name (block) @body) @constructor
(type_alias type: (_) @name) @type
(source_file (property_declaration (variable_declaration (identifier) @name)) @variable)

(import) @import
[(line_comment) (block_comment)] @comment
[(string_literal) (multiline_string_literal) (character_literal)] @string
(interpolation) @code
