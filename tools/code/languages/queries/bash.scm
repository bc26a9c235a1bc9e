(function_definition name: (_) @name body: (_) @body) @function
(program (variable_assignment name: (variable_name) @name) @variable)
(program (declaration_command (variable_assignment name: (variable_name) @name)) @variable)

(command
  name: (command_name) @_source
  (#any-of? @_source "source" ".")) @import
(comment) @comment
[(string) (raw_string) (ansi_c_string) (heredoc_body)] @string
[(expansion) (simple_expansion) (command_substitution)] @code
