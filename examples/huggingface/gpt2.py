"""A tiny GPT-2 from its configuration alone: no weights are downloaded, and none are in the exported file.

    python gpt2.py export model.pt2 tokens.npz TEXT...      characters of text files as ids: the model, and windows with their next ids
    python gpt2.py train DIRECTORY tokens.npz [--steps 20]  from_pretrained, and some steps of AdamW
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F
from transformers import GPT2Config, GPT2LMHeadModel

LENGTH = 32


def config(ids: int) -> GPT2Config:
    return GPT2Config(vocab_size=ids, n_positions=64, n_embd=64, n_layer=2, n_head=4, use_cache=False, bos_token_id=0, eos_token_id=0)


def export(path: str, tokens: str, texts: list[str]) -> None:
    text = "".join(Path(file).read_text() for file in texts)
    alphabet = sorted(set(text))
    ids = np.array([alphabet.index(character) for character in text], dtype=np.int32)
    starts = np.arange(0, len(ids) - LENGTH - 1, LENGTH // 2)
    x = np.stack([ids[start : start + LENGTH] for start in starts])
    y = np.stack([ids[start + 1 : start + LENGTH + 1] for start in starts])
    np.savez(tokens, x=x, y=y)
    model = GPT2LMHeadModel(config(len(alphabet))).train()
    batch = torch.export.Dim("batch", min=2)
    example = torch.from_numpy(x[:4]).long()
    program = torch.export.export(model, (), {"input_ids": example}, dynamic_shapes={"input_ids": {0: batch}})
    torch.export.save(program, path)
    print(f"{path}: {model.num_parameters()} parameters; {tokens}: {len(x)} windows of {LENGTH} of {len(alphabet)} characters")


def train(directory: str, tokens: str, steps: int) -> None:
    data = np.load(tokens)
    x, y = (torch.from_numpy(data[name]).long() for name in ("x", "y"))
    folder = Path(directory)
    config(int(y.max()) + 1).save_pretrained(folder)  # beside model.safetensors: what from_pretrained looks for
    model, report = GPT2LMHeadModel.from_pretrained(folder, output_loading_info=True)
    print({name: found for name, found in report.items() if found} or "every tensor was found")
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    torch.manual_seed(0)
    for step in range(steps):
        chosen = torch.randint(len(x), (32,))
        logits = model(input_ids=x[chosen]).logits
        loss = F.cross_entropy(logits.flatten(0, 1), y[chosen].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        print(f"step {step}  loss {loss.item():.4f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    exporting = commands.add_parser("export")
    exporting.add_argument("path")
    exporting.add_argument("tokens")
    exporting.add_argument("texts", nargs="+")
    training = commands.add_parser("train")
    training.add_argument("directory")
    training.add_argument("tokens")
    training.add_argument("--steps", type=int, default=20)
    given = parser.parse_args()
    if given.command == "export":
        export(given.path, given.tokens, given.texts)
    else:
        train(given.directory, given.tokens, given.steps)
