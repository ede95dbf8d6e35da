/** The flags that describe an initialisation, and their conversion to a specification. */
import { artifactFormat } from '../artifacts/index.ts';
import { type JobSpec, parseJobSpec } from '../contract/job-spec.ts';
import { AppError } from '../errors.ts';
import { isOperationGraph } from '../models/index.ts';
import { integerFlag, jsonFlag, numberFlag, required } from './args.ts';
import { readModelJson } from './model-file.ts';

export const specFlags = {
  model: { type: 'string' },
  zoo: { type: 'string' },
  'zoo-options': { type: 'string' },
  dataset: { type: 'string' },
  'dataset-options': { type: 'string' },
  method: { type: 'string' },
  options: { type: 'string' },
  loss: { type: 'string', multiple: true },
  'loss-weight': { type: 'string', multiple: true },
  output: { type: 'string' },
  weights: { type: 'string' },
  source: { type: 'string' },
  seed: { type: 'string' },
  format: { type: 'string', multiple: true },
} as const;

export const specUsage = `  --model FILE             topology: JSON of TensorFlow.js or Keras, .keras, .h5, .pt2 of torch.export, or .onnx
  --zoo NAME               a network of the zoo (gradinit zoo) instead of a file
  --zoo-options JSON       its options
  --dataset REF            builtin:digits, file:PATH, ...; data-free methods need none
  --dataset-options JSON   options of the dataset
  --method NAME            gradinit, kaiming, ...
  --options JSON           options of the method
  --loss NAME              default: inferred from model and data; of a model with several outputs once for each, in their order
  --loss-weight N          as often as --loss: the factors of these losses (default: 1)
  --output NAME            of a model with several outputs the one that the targets belong to, by name or position
  --weights REF            start from these weights instead of the topology's initialisers
  --source JSON            network that methods like net2net take weights from: {"model": {"ref": FILE}, "weights": {"ref": FILE}}
  --seed N                 default 0
  --format NAME            safetensors, tfjs-layers, keras, npz, state-dict; may be repeated (default: safetensors, and tfjs-layers
                           where the network can be written so; for .pt2 and .onnx state-dict)`;

export interface SpecValues {
  readonly model?: string | undefined;
  readonly zoo?: string | undefined;
  readonly 'zoo-options'?: string | undefined;
  readonly dataset?: string | undefined;
  readonly 'dataset-options'?: string | undefined;
  readonly method?: string | undefined;
  readonly options?: string | undefined;
  readonly loss?: string[] | undefined;
  readonly 'loss-weight'?: string[] | undefined;
  readonly output?: string | undefined;
  readonly weights?: string | undefined;
  readonly source?: string | undefined;
  readonly seed?: string | undefined;
  readonly format?: string[] | undefined;
}

/** Digits are the index of an output; names of layers that consist of digits can only be given to the API. */
export const outputOf = (output: string | undefined) =>
  output === undefined ? {} : { output: /^\d+$/.test(output) ? Number(output) : output };

/** One name as such, several as a list. */
export function lossOf({ loss, 'loss-weight': weights }: Pick<SpecValues, 'loss' | 'loss-weight'>) {
  return {
    ...(loss === undefined ? {} : { loss: loss.length === 1 ? loss[0] : loss }),
    ...(weights === undefined ? {} : { lossWeights: weights.map((weight) => numberFlag(weight, '--loss-weight')) }),
  };
}

async function modelOf({ model, zoo, ...values }: SpecValues): Promise<object> {
  if ((model === undefined) === (zoo === undefined))
    throw new AppError('USAGE', 'give either --model FILE or --zoo NAME');
  if (zoo !== undefined) return { format: 'zoo', name: zoo, options: jsonFlag(values['zoo-options'], '--zoo-options') };
  const file = required(model, '--model');
  const json = await readModelJson(file);
  // The file of a graph may contain weights too, so that it is passed on as a file.
  return isOperationGraph(json) ? { ref: file } : { topology: json };
}

/**
 * The specification, completed and checked as by the service. `more` holds members that only one command has.
 *
 * @throws USAGE, INVALID_INPUT, METHOD_UNKNOWN, OPTION_INVALID and the errors of reading the model
 */
export async function specOf(values: SpecValues, more: Readonly<Record<string, unknown>> = {}): Promise<JobSpec> {
  const datasetOptions = jsonFlag(values['dataset-options'], '--dataset-options');
  return parseJobSpec({
    model: await modelOf(values),
    method: { name: required(values.method, '--method'), options: jsonFlag(values.options, '--options') },
    seed: integerFlag(values.seed, '--seed', 0, [0, Number.MAX_SAFE_INTEGER]),
    ...(values.dataset === undefined ? {} : { dataset: { ref: values.dataset, options: datasetOptions } }),
    ...lossOf(values),
    ...outputOf(values.output),
    ...(values.weights === undefined ? {} : { weights: { ref: values.weights } }),
    ...(values.source === undefined ? {} : { source: jsonFlag(values.source, '--source') }),
    ...(values.format === undefined ? {} : { artifacts: values.format.map((name) => artifactFormat(name).name) }),
    ...more,
  });
}
