"""Cuts QuickJS's interpreter loop into one C function per opcode.

HotSpot compiles no method above 8,000 bytes of bytecode, and JS_CallInternal, with its switch over all opcodes, becomes one of
57,000. Here every `CASE(...): ... BREAK;` of that switch becomes a function that gets the frame, the program counter and
the stack pointer, and gives the latter two back. What stands before and after the switch stays as it is.
"""

import re

# Ops that the loop calls directly, most frequent ones of ordinary programs; the others take one more step.
HOT = """
get_loc get_loc8 get_loc0 get_loc1 get_loc2 get_loc3 get_loc0_loc1 get_loc_check put_loc put_loc8 put_loc0 put_loc1 put_loc2
put_loc3 put_loc_check set_loc8 set_loc_uninitialized get_arg0 get_arg1 get_arg get_var_ref get_var_ref0 get_var_ref1 get_var_ref2
get_var_ref3 get_var_ref_check put_var_ref push_i32 push_0 push_i8 push_i16 push_atom_value push_const8 undefined get_length
get_field get_field2 put_field get_array_el get_array_el2 put_array_el call0 call call_method return return_undef goto8 goto16 goto
if_false8 if_true8 if_false if_true add sub mul lt lte gt gte strict_eq strict_neq inc_loc add_loc post_inc inc drop dup nip
for_of_next iterator_close object define_field lnot get_var sar and or
""".split()

CONTEXT = [
    # type, name, expression that fetches it from the frame
    ('JSRuntime *', 'rt', 'f->rt'),
    ('JSContext *', 'ctx', 'f->ctx'),
    ('JSContext *', 'caller_ctx', 'f->caller_ctx'),
    ('JSValueConst ', 'func_obj', 'f->func_obj'),
    ('JSValueConst ', 'this_obj', 'f->this_obj'),
    ('JSValueConst ', 'new_target', 'f->new_target'),
    ('int ', 'argc', 'f->argc'),
    ('JSValueConst *', 'argv', 'f->argv'),
    ('JSObject *', 'p', 'f->p'),
    ('JSFunctionBytecode *', 'b', 'f->b'),
    ('JSStackFrame *', 'sf', 'f->sf'),
    ('JSValue *', 'stack_buf', 'f->stack_buf'),
    ('JSValue *', 'var_buf', 'f->var_buf'),
    ('JSValue *', 'arg_buf', 'f->arg_buf'),
    ('JSVarRef **', 'var_refs', 'f->var_refs'),
]

PRELUDE = """
typedef struct JSOpFrame {
%s
    JSValue ret_val;
    JSValue *sp; /* only where an op ends the loop */
    uint8_t *pc;
} JSOpFrame;

/* What an op returns: the next program counter and the stack pointer, or one of these in the former's place; no bytecode
   lies at such an address. */
typedef uint64_t JSOpNext;
enum { JS_OP_EXCEPTION = 0, JS_OP_DONE = 1, JS_OP_DONE_GENERATOR = 2 };
#define JS_OP_NEXT(pc, sp) (((uint64_t)(uintptr_t)(pc) << 32) | (uint32_t)(uintptr_t)(sp))
#define JS_OP_END(how) do { f->pc = pc; f->sp = sp; return (uint64_t)(how) << 32; } while (0)
""" % '\n'.join(f'    {kind}{name};' for kind, name, _ in CONTEXT)

LOOP = """
 restart:
    for(;;) {
        JSOpNext next;
        opcode = *pc++;
        next = js_op_dispatch_hot(f, pc, sp, opcode);
        pc = (uint8_t *)(uintptr_t)(next >> 32);
        if (unlikely((uintptr_t)pc <= JS_OP_DONE_GENERATOR)) {
            int how = (int)(uintptr_t)pc;
            pc = f->pc;
            sp = f->sp;
            ret_val = f->ret_val;
            if (how == JS_OP_DONE)
                goto done;
            if (how == JS_OP_DONE_GENERATOR)
                goto done_generator;
            goto exception;
        }
        sp = (JSValue *)(uintptr_t)(uint32_t)next;
    }
"""


class Op:
    """Some opcodes that share one body."""

    def __init__(self, names, body):
        self.names, self.body = names, body

    def c_name(self):
        return 'js_case_' + self.names[0]


def split(source: str) -> str:
    """The source with its interpreter loop cut up."""
    start = source.index('static JSValue JS_CallInternal(JSContext *caller_ctx')
    comment = source.rindex('/*', 0, start)
    length = len(source)
    end = source.index('\n}\n', start) + 3
    function = source[start:end]
    before, rest = function.split('\n restart:\n', 1)
    switch, after = rest.split('\n exception:\n', 1)
    ops = parse(expand_comparisons(switch[switch.index('SWITCH(pc) {') + len('SWITCH(pc) {'):]))
    before = drop_dispatch_macros(before).replace(
        'size_t alloca_size;', 'size_t alloca_size;\n    JSOpFrame frame, *f = &frame;', 1)
    entered = fill_frame()
    # A resumed generator jumps past the set-up, straight to the loop or to its exception handler.
    before = before.replace('if (s->throw_flag)', f'{entered}\n            if (s->throw_flag)', 1)
    main = before + '\n' + entered + dispatch_loop(ops) + '\n exception:\n' + after
    handlers = '\n'.join(handler(op) for op in ops)
    source = outline(source[:comment]) + source[comment:]
    start, end = (index + len(source) - length for index in (start, end))
    comment = source.rindex('/*', 0, start)
    return source[:comment] + PRELUDE + handlers + cold_dispatch(ops) + source[comment:start] + main + source[end:]


def outline(text):
    """Functions that the compiler would copy into several hot callers, which they would make too large."""
    for name in ('mark_children', 'free_object_struct'):
        text = re.sub(rf'^static void {name}\(', f'static no_inline void {name}(', text, flags=re.M)
    return text


def fill_frame():
    names = [name for _, name, _ in CONTEXT]
    return '    ' + ' '.join(f'f->{name} = {name};' for name in names)


def drop_dispatch_macros(before):
    """The loop's own macros go; so do their uses."""
    first = before.index('#if !DIRECT_DISPATCH')
    last = before.index('#endif', before.index('#define BREAK           SWITCH(pc)')) + len('#endif\n')
    return before[:first] + before[last:]


def expand_comparisons(switch):
    """Writes out the uses of the macro OP_CMP, whose cases would be hidden from us."""
    first = switch.index('#define OP_CMP(')
    last = switch.index('            BREAK\n', first) + len('            BREAK\n')
    body = re.sub(r'\s*\\\n', '\n', switch[first:last]).split('\n', 1)[1].replace('BREAK', 'BREAK;')
    switch = switch[:first] + switch[last:]

    def written_out(use):
        text = body.replace('slow_call', use[3]).replace('binary_op', use[2])
        return re.sub(r'\bopcode\b', use[1], text)

    return re.sub(r'OP_CMP\((\w+), (\S+), (.*)\);', written_out, switch)


CASES = re.compile(r'^ *((?:CASE\(OP_\w+\)|DEFAULT):\s*)+', re.M)


def parse(switch):
    """The ops, in the order of the source; shared tails are copied to whoever jumps to them."""
    matches = list(CASES.finditer(switch))
    ops = []
    for match, following in zip(matches, matches[1:] + [None]):
        text = switch[match.end():following.start() if following else switch.rindex('}', 0, switch.rindex('}'))]
        names = re.findall(r'CASE\(OP_(\w+)\)', match[0])
        ops.append(Op(names, text))
    owners = {label: op for op in ops for label in labels_of(op.body)}
    for op in ops:
        originals = set(labels_of(op.body))
        while missing := [label for label in re.findall(r'goto (\w+);', op.body)
                          if label in owners and label not in originals]:
            op.body += tail_from(owners[missing[0]].body, missing[0])
            originals = set(labels_of(op.body))
    return ops


def labels_of(body):
    return [name for name in re.findall(r'^ *(\w+):(?!:)', body, re.M) if name != 'default']


def tail_from(body, label):
    tail = body[re.search(rf'^ *{label}:', body, re.M).start():]
    unopened = tail.count('}') - tail.count('{')
    return '{' * unopened + '\n' + tail


def handler(op):
    body = op.body
    for preprocessor in re.findall(r'^#.*$', body, re.M):
        body = body.replace(preprocessor, '')
    defines = '\n'.join(re.findall(r'^#define.*$', op.body, re.M))
    fetched = '\n'.join(f'    {kind}{name} = {value}; (void){name};' for kind, name, value in CONTEXT)
    body = re.sub(r'\bBREAK;', 'return JS_OP_NEXT(pc, sp);', body)
    return f"""{defines}
static no_inline JSOpNext {op.c_name()}(JSOpFrame *f, uint8_t *pc, JSValue *sp, int opcode)
{{
{fetched}
    JSValue ret_val = JS_UNDEFINED, *call_argv;
    int call_argc, i;
    (void)ret_val; (void)call_argv; (void)call_argc; (void)i;
{body}
    goto exception;
 exception:
    JS_OP_END(JS_OP_EXCEPTION);
 done:
    f->ret_val = ret_val;
    JS_OP_END(JS_OP_DONE);
 done_generator:
    f->ret_val = ret_val;
    JS_OP_END(JS_OP_DONE_GENERATOR);
}}
"""


def cases(ops):
    lines = []
    for op in ops:
        for name in op.names:
            lines.append(f'    case OP_{name}:')
        lines.append(f'        next = {op.c_name()}(f, pc, sp, opcode); break;')
    return '\n'.join(lines)


def is_hot(op):
    return any(name in HOT for name in op.names)


def cold_dispatch(ops):
    """Two functions, as one would be above the limit itself."""
    cold = [op for op in ops if not is_hot(op) and 'invalid' not in op.names]
    invalid = next(op for op in ops if 'invalid' in op.names)
    middle = len(cold) // 2
    text = ''
    following = invalid.c_name()
    for name, part in (('js_op_dispatch_coldest', cold[middle:]), ('js_op_dispatch_cold', cold[:middle])):
        text += f"""
static no_inline JSOpNext {name}(JSOpFrame *f, uint8_t *pc, JSValue *sp, int opcode)
{{
    JSOpNext next;
    switch (opcode) {{
{cases(part)}
    default:
        next = {following}(f, pc, sp, opcode);
    }}
    return next;
}}
"""
        following = name
    return text


def dispatch_loop(ops):
    hot = [op for op in ops if is_hot(op)]
    return LOOP.replace('        next = js_op_dispatch_hot(f, pc, sp, opcode);', f"""        switch (opcode) {{
{cases(hot)}
        default:
            next = js_op_dispatch_cold(f, pc, sp, opcode);
        }}""", 1)


WIDE_CHARACTERS = """
/* Text beyond Latin-1 is read by functions of their own, which keeps the matcher below the limit. */
static no_inline uint64_t lre_get_wide(const uint8_t *cptr, const uint8_t *cbuf_end, int cbuf_type)
{
    uint32_t c;
    GET_CHAR(c, cptr, cbuf_end, cbuf_type);
    return (uint64_t)c << 32 | (uint32_t)(uintptr_t)cptr;
}

static no_inline uint64_t lre_get_prev_wide(const uint8_t *cptr, const uint8_t *cbuf_start, int cbuf_type)
{
    uint32_t c;
    GET_PREV_CHAR(c, cptr, cbuf_start, cbuf_type);
    return (uint64_t)c << 32 | (uint32_t)(uintptr_t)cptr;
}

static no_inline uint32_t lre_peek_prev(const uint8_t *cptr, const uint8_t *cbuf_start, int cbuf_type)
{
    uint32_t c;
    PEEK_PREV_CHAR(c, cptr, cbuf_start, cbuf_type);
    return c;
}

#undef GET_CHAR
#define GET_CHAR(c, cptr, cbuf_end, cbuf_type) \\
    do { \\
        if (cbuf_type == 0) { \\
            c = *cptr++; \\
        } else { \\
            uint64_t wide = lre_get_wide(cptr, cbuf_end, cbuf_type); \\
            c = wide >> 32; \\
            cptr = (uint8_t *)(uintptr_t)(uint32_t)wide; \\
        } \\
    } while (0)
#undef GET_PREV_CHAR
#define GET_PREV_CHAR(c, cptr, cbuf_start, cbuf_type) \\
    do { \\
        uint64_t wide = lre_get_prev_wide(cptr, cbuf_start, cbuf_type); \\
        c = wide >> 32; \\
        cptr = (uint8_t *)(uintptr_t)(uint32_t)wide; \\
    } while (0)
#undef PEEK_PREV_CHAR
#define PEEK_PREV_CHAR(c, cptr, cbuf_start, cbuf_type) c = lre_peek_prev(cptr, cbuf_start, cbuf_type)

"""


def split_regexp(source: str) -> str:
    """The regular expressions' matcher, made smaller."""
    start = source.index('/* return 1 if match, 0 if not match or < 0 if error. */\nstatic intptr_t lre_exec_backtrack')
    source = source[:start] + WIDE_CHARACTERS + source[start:]
    return source.replace('static intptr_t lre_exec_backtrack', 'static no_inline intptr_t lre_exec_backtrack')
