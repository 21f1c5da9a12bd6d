; What can be seen in Python code, one relation a pattern.
;
; Each pattern is a tree-sitter query over tree-sitter-python's grammar. `(#set! is "name(a, b)")` names the relation that
; it adds to and the captures that make up a row of it, in order. Several patterns may add to one relation: any of them is
; enough. The rules in `facts.rules` combine these relations; a pattern that no rule asks for is never run.

; --- functions and classes -------------------------------------------------------------------------------------------

((function_definition name: (identifier) @name parameters: (parameters) @parameters body: (block) @body) @function
  (#set! is "function(function, name, parameters, body)"))

((lambda parameters: (lambda_parameters) @parameters body: (_) @body) @function
  (#set! is "lambda(function, parameters, body)"))

((class_definition name: (identifier) @name body: (block) @body) @class
  (#set! is "class(class, name, body)"))

((parameters (identifier) @name) (#set! is "parameter(name)"))
((parameters (typed_parameter . (identifier) @name)) (#set! is "parameter(name)"))
((parameters (default_parameter name: (identifier) @name)) (#set! is "parameter(name)"))
((parameters (typed_default_parameter name: (identifier) @name)) (#set! is "parameter(name)"))

((list_splat_pattern (identifier) @name) (#set! is "any-positional(name)"))
((dictionary_splat_pattern (identifier) @name) (#set! is "any-named(name)"))

((default_parameter name: (identifier) @name value: (_) @value) @parameter
  (#set! is "default(parameter, name, value)"))
((typed_default_parameter name: (identifier) @name value: (_) @value) @parameter
  (#set! is "default(parameter, name, value)"))

((return_statement (_) @value) @return (#set! is "returns(return, value)"))
((return_statement (parenthesized_expression (_) @value)) @return (#set! is "returns(return, value)"))
((yield) @yield (#set! is "yields(yield)"))
((decorated_definition (decorator (identifier) @decorator) definition: (function_definition name: (identifier) @name)) @whole
  (#set! is "decorated(whole, decorator, name)"))

; --- statements ------------------------------------------------------------------------------------------------------

((assignment left: (_) @target right: (_) @value) @assignment (#set! is "assigns(assignment, target, value)"))
((named_expression name: (_) @target value: (_) @value) @assignment (#set! is "assigns(assignment, target, value)"))
((finally_clause) @finally (#set! is "finally(finally)"))
((while_statement condition: (true) body: (block) @body) @loop (#set! is "endless(loop, body)"))
((while_statement condition: (integer) body: (block) @body) @loop (#set! is "endless(loop, body)"))

; --- expressions -----------------------------------------------------------------------------------------------------

((call function: (_) @callee arguments: (_) @arguments) @call (#set! is "call(call, callee, arguments)"))
((await (_) @awaited) @await (#set! is "awaits(await, awaited)"))
((argument_list (list_splat (identifier) @name)) @arguments (#set! is "spreads(arguments, name)"))
((argument_list (dictionary_splat (identifier) @name)) @arguments (#set! is "spreads-named(arguments, name)"))
((argument_list . (_) @argument) @arguments (#set! is "first-argument(arguments, argument)"))
((string) @text (#set! is "text(text)"))
((none) @none (#set! is "none(none)"))
((subscript value: (_) @value subscript: (integer) @index) @element (#set! is "element(element, value, index)"))
((subscript value: (_) @value subscript: (string) @index) @element (#set! is "element(element, value, index)"))
((integer) @literal (#set! is "literal(literal)"))
((string (string_content) @literal) (#set! is "literal(literal)"))

; --- what is new each time ---------------------------------------------------------------------------------------------

((list) @value (#set! is "mutable(value)"))
((dictionary) @value (#set! is "mutable(value)"))
((set) @value (#set! is "mutable(value)"))
((list_comprehension) @value (#set! is "mutable(value)"))
((call function: (identifier) @callee) @value
  (#any-of? @callee "list" "dict" "set" "defaultdict" "deque" "Counter" "bytearray" "OrderedDict")
  (#set! is "mutable(value)"))
((call function: (attribute attribute: (identifier) @callee)) @value
  (#any-of? @callee "defaultdict" "deque" "Counter" "OrderedDict" "copy" "deepcopy")
  (#set! is "mutable(value)"))

; --- is it None? -----------------------------------------------------------------------------------------------------

((comparison_operator . (identifier) @name "is" (none)) @check (#set! is "is-none(check, name)"))
((comparison_operator . (identifier) @name "==" (none)) @check (#set! is "is-none(check, name)"))
((comparison_operator . (none) "is" (identifier) @name) @check (#set! is "is-none(check, name)"))
((not_operator argument: (identifier) @name) @check (#set! is "is-none(check, name)"))
((not_operator argument: (comparison_operator . (identifier) @name "is not" (none))) @check (#set! is "is-none(check, name)"))
((comparison_operator . (identifier) @name "is not" (none)) @check (#set! is "is-given(check, name)"))
((comparison_operator . (identifier) @name "!=" (none)) @check (#set! is "is-given(check, name)"))
((not_operator argument: (comparison_operator . (identifier) @name "is" (none))) @check (#set! is "is-given(check, name)"))
((if_statement condition: (identifier) @name) (#set! is "is-given(name, name)"))

((if_statement condition: (_) @check consequence: (block) @then) @if (#set! is "if(if, check, then)"))
((if_statement condition: (parenthesized_expression (_) @check) consequence: (block) @then) @if (#set! is "if(if, check, then)"))
((if_statement condition: (_) @check alternative: (else_clause body: (block) @else)) @if (#set! is "else(if, check, else)"))
((conditional_expression . (_) @then . (_) @check . (_) @else) @choice (#set! is "choice(choice, then, check, else)"))
((boolean_operator left: (identifier) @name operator: "or" right: (_) @value) @choice (#set! is "or-else(choice, name, value)"))

; --- logging and timing ------------------------------------------------------------------------------------------------

((call function: (identifier) @callee arguments: (argument_list) @arguments) @call
  (#any-of? @callee "print" "pprint" "log" "logger" "write_log" "log_message")
  (#set! is "log(call, arguments)"))
((call function: (attribute attribute: (identifier) @callee) arguments: (argument_list) @arguments) @call
  (#any-of? @callee "info" "debug" "warning" "warn" "error" "critical" "log" "msg" "write" "print")
  (#set! is "log(call, arguments)"))

((call function: (attribute object: (_) @object attribute: (identifier) @callee)) @call
  (#any-of? @callee "time" "now" "utcnow" "perf_counter" "monotonic" "process_time" "ctime" "time_ns" "perf_counter_ns"
    "monotonic_ns" "strftime" "isoformat" "today" "localtime" "gmtime")
  (#set! is "timing(call)"))
((call function: (identifier) @callee) @call
  (#any-of? @callee "time" "now" "perf_counter" "monotonic" "ctime" "timer" "default_timer" "get_time" "current_time")
  (#set! is "timing(call)"))

((string) @text
  (#match? @text "(?i)fin+ish|finsh|\\bend(s|ed|ing)?\\b|\\bdone\\b|\\bstop|complet|\\bafter\\b|\\bexit|\\bleft\\b|\\bleav(e|es|ing)\\b|return(ed|ing)\\b|\\bover\\b|\\bout\\b|<-|<<")
  (#not-match? @text "(?i)start|begin|\\bbefore\\b|\\bcall(ed|ing)?\\b|enter|\\bin\\b|->|>>")
  (#set! is "finish-words(text)"))
((string) @text
  (#match? @text "(?i)start|begin|\\bbefore\\b|\\bcall(ing)\\b|enter(ing|ed)?\\b|\\b(went|goes|going) in\\b|->|>>")
  (#not-match? @text "(?i)fin+ish|\\bend(s|ed|ing)?\\b|\\bdone\\b|\\bstop|complet|\\bafter\\b|\\bexit|\\bout\\b|<-|<<")
  (#set! is "start-words(text)"))
((assignment left: (identifier) @name right: (_) @value) @assignment
  (#match? @name "(?i)^(t_?)?(end|stop|finish|finished|done|after|t1|t2)(_?(time|at))?$")
  (#set! is "finish-time(assignment, value)"))

; --- copies ------------------------------------------------------------------------------------------------------------

((call function: (attribute attribute: (identifier) @callee) arguments: (argument_list . (_) @of)) @call
  (#eq? @callee "deepcopy") (#set! is "deep-copy(call, of)"))
((call function: (identifier) @callee arguments: (argument_list . (_) @of)) @call
  (#eq? @callee "deepcopy") (#set! is "deep-copy(call, of)"))
((subscript value: (_) @of subscript: (slice . ":" .)) @copy (#set! is "shallow-copy(copy, of)"))
((call function: (attribute object: (identifier) @of attribute: (identifier) @callee) arguments: (argument_list) @arguments) @copy
  (#eq? @callee "copy") (#eq? @arguments "()") (#set! is "shallow-copy(copy, of)"))
((call function: (attribute object: (identifier) @module attribute: (identifier) @callee) arguments: (argument_list . (identifier) @of)) @copy
  (#eq? @module "copy") (#eq? @callee "copy") (#set! is "shallow-copy(copy, of)"))
((call function: (identifier) @callee arguments: (argument_list . (identifier) @of .)) @copy
  (#any-of? @callee "list" "dict" "set" "copy") (#set! is "shallow-copy(copy, of)"))
((list . (list_splat (identifier) @of) .) @copy (#set! is "shallow-copy(copy, of)"))
((dictionary . (dictionary_splat (identifier) @of) .) @copy (#set! is "shallow-copy(copy, of)"))
((list (integer)) @value (#set! is "plain-inside(value)"))
((list (string)) @value (#set! is "plain-inside(value)"))
((list (float)) @value (#set! is "plain-inside(value)"))
((dictionary (pair value: (integer))) @value (#set! is "plain-inside(value)"))
((dictionary (pair value: (string))) @value (#set! is "plain-inside(value)"))
((list (list)) @value (#set! is "nested(value)"))
((list (dictionary)) @value (#set! is "nested(value)"))
((dictionary (pair value: (list))) @value (#set! is "nested(value)"))
((dictionary (pair value: (dictionary))) @value (#set! is "nested(value)"))
((list_comprehension body: (list)) @value (#set! is "nested(value)"))
((list_comprehension body: (list_comprehension)) @value (#set! is "nested(value)"))
((comparison_operator . (_) @left "is" (_) @right) @identity (#set! is "identity(identity, left, right)"))
((comparison_operator . (_) @left "is not" (_) @right) @identity (#set! is "difference(identity, left, right)"))
((call function: (attribute object: (_) @object attribute: (identifier) @method) arguments: (argument_list) @arguments) @call
  (#any-of? @method "append" "extend" "insert" "add" "update" "remove" "pop" "clear" "sort" "reverse" "setdefault")
  (#set! is "changes(call, object, arguments)"))
((assignment left: (subscript value: (_) @object) right: (_) @value) @assignment
  (#set! is "changes(assignment, object, value)"))
((augmented_assignment left: (subscript value: (_) @object) right: (_) @value) @assignment
  (#set! is "changes(assignment, object, value)"))

; --- processes, generators -----------------------------------------------------------------------------------------------

((call function: (identifier) @callee) @call
  (#any-of? @callee "ProcessPoolExecutor" "Pool" "Process") (#set! is "process-call(call)"))
((call function: (attribute attribute: (identifier) @callee)) @call
  (#any-of? @callee "ProcessPoolExecutor" "Pool" "Process") (#set! is "process-call(call)"))
((generator_expression) @generator (#set! is "generator-expression(generator)"))
((call function: (identifier) @callee arguments: (argument_list . (identifier) @of .)) @call
  (#any-of? @callee "list" "sum" "tuple" "set" "sorted" "max" "min" "next" "len" "any" "all")
  (#set! is "consumes(call, of)"))
((call function: (identifier) @callee arguments: (generator_expression (for_in_clause right: (identifier) @of))) @call
  (#set! is "consumes(call, of)"))
((list_comprehension (for_in_clause right: (identifier) @of)) @call (#set! is "consumes(call, of)"))
((for_statement right: (identifier) @of) @call (#set! is "consumes(call, of)"))

; --- what the answer shows as values ---------------------------------------------------------------------------------------
; stated(statement, expression): the value that stands behind the statement is the expression's. asserted(expression): it is
; true. The reader turns both into the relation `shown`.

((expression_statement . (_) @expression .) @statement (#set! is "stated(statement, expression)"))
((expression_statement . (call function: (identifier) @callee arguments: (argument_list . (_) @expression .)) .) @statement
  (#any-of? @callee "print" "pprint") (#set! is "stated(statement, expression)"))
((expression_statement . (assignment right: (_) @expression) .) @statement (#set! is "stated(statement, expression)"))
((assert_statement . (_) @expression .) (#set! is "asserted(expression)"))
