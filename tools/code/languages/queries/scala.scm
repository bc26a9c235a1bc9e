(class_definition name: (_) @name) @class
(class_definition name: (_) @name body: (_) @body) @class
(object_definition name: (_) @name) @class
(object_definition name: (_) @name body: (_) @body) @class
(package_object name: (_) @name body: (_) @body) @class
(trait_definition name: (_) @name) @trait
(trait_definition name: (_) @name body: (_) @body) @trait
(enum_definition name: (_) @name body: (_) @body) @enum
(function_definition name: (_) @name body: (_) @body) @function
(function_declaration name: (_) @name) @function
(type_definition name: (_) @name) @type
(given_definition name: (_) @name) @constant
(given_definition name: (_) @name body: (_) @body) @constant
(compilation_unit (val_definition pattern: (identifier) @name) @variable)

(import_declaration) @import
[(comment) (block_comment)] @comment
[(string) (interpolated_string) (character_literal)] @string
(interpolation) @code
