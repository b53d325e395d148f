"""Run by test_llama.py in an environment of its own, which has llama.cpp and nothing of the worker.

Standard input names a model, an adapter or null, and sequences of token ids, each with the tokens whose next-token
logits are wanted; standard output is a list of those per sequence.
"""

import json
import os
import sys

import llama_cpp
import numpy as np

asked = json.load(sys.stdin)
# Its threads wait for each other in loops: more of them than there are cores for this process would take very long.
cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
llama = llama_cpp.Llama(
    model_path=asked["model"],
    lora_path=asked["adapter"],
    n_ctx=512,
    n_threads=cores,
    n_threads_batch=cores,
    verbose=False,
)
answers = []
for sequence in asked["sequences"]:
    llama.reset()
    llama.eval(sequence["ids"])
    last = llama_cpp.llama_get_logits_ith(llama.ctx, -1)
    logits = np.ctypeslib.as_array(last, shape=(llama.n_vocab(),))
    answers.append([float(logits[token]) for token in sequence["tokens"]])
json.dump(answers, sys.stdout)
