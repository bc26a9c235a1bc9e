(class_declaration name: (_) @name body: (_) @body) @class
(record_declaration name: (_) @name) @class
(record_declaration name: (_) @name body: (_) @body) @class
(struct_declaration name: (_) @name body: (_) @body) @struct
(interface_declaration name: (_) @name body: (_) @body) @interface
(enum_declaration name: (_) @name body: (_) @body) @enum
(delegate_declaration name: (_) @name) @type
(namespace_declaration name: (_) @name body: (_) @body) @module
(method_declaration name: (_) @name) @method
(method_declaration name: (_) @name body: (_) @body) @method
(local_function_statement name: (_) @name body: (_) @body) @function
(constructor_declaration name: (_) @name body: (_) @body) @constructor
(destructor_declaration name: (_) @name body: (_) @body) @method
(property_declaration name: (_) @name) @method
(property_declaration name: (_) @name accessors: (_) @body) @method
(indexer_declaration "this" @name) @method
(indexer_declaration "this" @name accessors: (_) @body) @method
(operator_declaration operator: _ @name) @method
(operator_declaration operator: _ @name body: (_) @body) @method
(conversion_operator_declaration type: (_) @name) @method
(conversion_operator_declaration type: (_) @name body: (_) @body) @method

(using_directive) @import
(comment) @comment
[(string_literal) (verbatim_string_literal) (raw_string_literal) (character_literal) (interpolated_string_expression)] @string
(interpolation) @code
