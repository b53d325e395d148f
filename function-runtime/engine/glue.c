/* The engine's whole interface: three calls in, one call out. The host writes text into memory that it got from `allocate`. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include "quickjs.h"

#define EXPORT(name) __attribute__((export_name(name)))

/* What the guest says about itself; the host may unwind the guest instead of returning. */
__attribute__((import_module("host"), import_name("tell"))) void host_tell(int32_t kind, const char *text, int32_t length);

static JSContext *context;
static JSValue load_function;
static JSValue call_function;

/* No clock: QuickJS seeds its hashes and Math.random, which sandbox.js removes, with the time. */
int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    memset(now, 0, sizeof(*now));
    return 0;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    memset(now, 0, sizeof(*now));
    return 0;
}

static JSValue tell(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    int32_t kind;
    size_t length;
    const char *text;
    if (JS_ToInt32(ctx, &kind, argv[0]))
        return JS_EXCEPTION;
    text = JS_ToCStringLen(ctx, &length, argv[1]);
    if (!text)
        return JS_EXCEPTION;
    host_tell(kind, text, (int32_t)length);
    JS_FreeCString(ctx, text);
    return JS_UNDEFINED;
}

EXPORT("allocate") void *allocate(int32_t size)
{
    return malloc(size);
}

/* Makes the context and evaluates the script that makes it safe; its value becomes the function that loads a source. */
EXPORT("start") int32_t start(const char *script, int32_t length)
{
    JSRuntime *runtime = JS_NewRuntime();
    JSValue global;
    JS_SetGCThreshold(runtime, 2 * 1024 * 1024);
    context = JS_NewContextRaw(runtime);
    /* Everything but Date, WeakRef, performance and DOMException. */
    JS_AddIntrinsicBaseObjects(context);
    JS_AddIntrinsicEval(context);
    JS_AddIntrinsicRegExpCompiler(context);
    JS_AddIntrinsicRegExp(context);
    JS_AddIntrinsicJSON(context);
    JS_AddIntrinsicProxy(context);
    JS_AddIntrinsicMapSet(context);
    JS_AddIntrinsicTypedArrays(context);
    JS_AddIntrinsicPromise(context);
    JS_AddIntrinsicBigInt(context);
    global = JS_GetGlobalObject(context);
    JS_SetPropertyStr(context, global, "tell", JS_NewCFunction(context, tell, "tell", 2));
    JS_FreeValue(context, global);
    load_function = JS_Eval(context, script, length, "sandbox.js", JS_EVAL_TYPE_GLOBAL);
    return JS_IsFunction(context, load_function);
}

EXPORT("load") int32_t load(const char *source, int32_t length)
{
    JSValue text = JS_NewStringLen(context, source, length);
    free((void *)source);
    call_function = JS_Call(context, load_function, JS_UNDEFINED, 1, (JSValueConst *)&text);
    JS_FreeValue(context, text);
    return JS_IsFunction(context, call_function);
}

/* Ends by `tell` if all goes well. */
EXPORT("call") void call(int32_t entry_point, const char *arguments, int32_t length)
{
    JSValue given[2] = { JS_NewInt32(context, entry_point), JS_NewStringLen(context, arguments, length) };
    JS_Call(context, call_function, JS_UNDEFINED, 2, (JSValueConst *)given);
}
