/**
 * The methods that a recommendation tries: all that compute weights without a search, in the order in which the budget admits them. Methods with a
 * search are only named.
 */
import { autoinit } from './autoinit.ts';
import { deepnorm } from './deepnorm.ts';
import { fixup } from './fixup.ts';
import { gpt2 } from './gpt2.ts';
import { kaiming } from './kaiming.ts';
import { kerasDefault } from './keras-default.ts';
import { kraehenbuehl } from './kraehenbuehl.ts';
import { lecun } from './lecun.ts';
import { lsuv } from './lsuv.ts';
import type { InitMethod } from './method.ts';
import { mimetic } from './mimetic.ts';
import { orthogonal } from './orthogonal.ts';
import { rezero } from './rezero.ts';
import { tFixup } from './t-fixup.ts';
import { timm } from './timm.ts';
import { torchDefault } from './torch-default.ts';
import { xavier } from './xavier.ts';

interface Trial {
  readonly method: InitMethod;
  /** Options that differ from the defaults. */
  readonly options: Readonly<Record<string, unknown>>;
}

const trial = (method: InitMethod, options: Trial['options'] = {}): Trial => ({ method, options });

export const trials: readonly Trial[] = [
  trial(kaiming),
  trial(kaiming, { mode: 'fanIn' }),
  trial(xavier),
  trial(lsuv),
  trial(autoinit),
  trial(torchDefault),
  trial(kerasDefault),
  trial(gpt2),
  trial(timm),
  trial(mimetic),
  trial(deepnorm),
  trial(rezero),
  trial(tFixup),
  trial(fixup),
  trial(orthogonal),
  trial(lecun),
  trial(kraehenbuehl),
];
