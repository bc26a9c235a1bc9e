(function_definition name: (_) @name body: (_) @body) @function
(method_declaration name: (_) @name) @method
(method_declaration name: (_) @name body: (_) @body) @method
(class_declaration name: (_) @name body: (_) @body) @class
(interface_declaration name: (_) @name body: (_) @body) @interface
(trait_declaration name: (_) @name body: (_) @body) @trait
(enum_declaration name: (_) @name body: (_) @body) @enum
(namespace_definition name: (_) @name body: (_) @body) @module
(program (const_declaration (const_element (name) @name)) @constant)

(namespace_use_declaration) @import
[(require_expression) (require_once_expression) (include_expression) (include_once_expression)] @import
(comment) @comment
[(string) (encapsed_string) (heredoc) (nowdoc) (text)] @string
