/** Branches: one whose condition is known while the file is read is part of the graph around it. */
import type { Call, Translations } from '../call.ts';
import { type OnnxValue, plainNumbers } from '../values.ts';

function branch(call: Call): readonly OnnxValue[] {
  const condition = call.value(0);
  const numbers = condition.kind === 'known' ? plainNumbers(condition) : null;
  const [yes, no] = [call.graph('then_branch'), call.graph('else_branch')];
  if (numbers === null || numbers.length !== 1)
    return call.unsupported(
      'chooses parts of the graph by data, so that a step has no one graph; export the branch that trains',
    );
  const chosen = numbers[0] === 0 ? no : yes;
  return call.inline(chosen ?? call.fail('lacks a branch'));
}

export const control: Translations = { If: branch };
