(method name: (_) @name) @method
(method name: (_) @name body: (_) @body) @method
(singleton_method object: (_) @scope name: (_) @name) @method
(singleton_method object: (_) @scope name: (_) @name body: (_) @body) @method
(class name: (_) @name) @class
(class name: (_) @name body: (_) @body) @class
(module name: (_) @name) @module
(module name: (_) @name body: (_) @body) @module
(program (assignment left: (constant) @name) @constant)

(call
  !receiver
  method: (identifier) @_require
  arguments: (argument_list . (string))
  (#any-of? @_require "require" "require_relative" "load")) @import
(comment) @comment
[(string) (string_array) (regex) (heredoc_body) (subshell)] @string
(interpolation) @code
