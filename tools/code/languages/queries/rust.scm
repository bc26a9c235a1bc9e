(function_item name: (_) @name body: (_) @body) @function
(function_signature_item name: (_) @name) @function
(struct_item name: (_) @name body: (_) @body) @struct
(struct_item name: (_) @name) @struct
(union_item name: (_) @name body: (_) @body) @struct
(enum_item name: (_) @name body: (_) @body) @enum
(trait_item name: (_) @name body: (_) @body) @trait
(impl_item
  type: [
    (type_identifier) @name
    (generic_type type: (_) @name)
    (scoped_type_identifier name: (_) @name)
    (reference_type type: (type_identifier) @name)
    (primitive_type) @name
  ]
  body: (_) @body) @class
(mod_item name: (_) @name body: (_) @body) @module
(macro_definition name: (_) @name) @macro
(type_item name: (_) @name) @type
(source_file (const_item name: (_) @name) @constant)
(source_file (static_item name: (_) @name) @variable)

(attribute_item) @leading
(use_declaration) @import
(extern_crate_declaration) @import
(mod_item !body) @import

[(line_comment) (block_comment)] @comment
[(string_literal) (raw_string_literal) (char_literal)] @string
