/** Parses the model of a specification and checks the whole run against it. Runs in the inspector: a topology may take seconds to read. */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { JobSpec } from '../../contract/job-spec.ts';
import { type ConfiguredMethod, configureMethod } from '../../engine/methods/index.ts';
import { AppError } from '../../errors.ts';
import type { ParsedModel } from '../../models/index.ts';
import { readModelText } from '../../models/model-text.ts';
import { parseJson } from '../../models/parse-json.ts';
import type { Head } from '../../topology/structure/head.ts';
import { describe, estimateMemory } from '../../topology/summary.ts';
import { checkRun, modelPointer } from '../check/check-run.ts';
import { createCollector } from '../check/problems.ts';
import { loadModel } from '../prepare.ts';
import type { WeightsDescription } from './describe.ts';
import { describedData } from './describe-dataset.ts';
import type { CheckRequest, ModelSummary, RunFindings } from './tasks.ts';

/** Bytes of JSON text whose models are kept; a parsed model takes a few times that. A comparison checks the same model with many methods. */
const cachedBytes = 8 * 2 ** 20;
const models = new LRUCache<string, ParsedModel>({ maxSize: cachedBytes });

/** What a method without batches is counted with. */
const batchWithoutData = 1;

/** @throws what is not the fault of the specification */
export async function checkSpec({
  spec,
  modelFile,
  data,
  test,
  weights,
  source,
  maxParameters,
}: CheckRequest): Promise<RunFindings> {
  const { problems, attemptLater } = createCollector();
  const method = configureMethod(spec.method.name, spec.method.options);
  const pointer = modelPointer(spec.model);
  const model = await attemptLater(pointer, async () => {
    const parsed = await readModel(spec.model, modelFile);
    refuseLarge(parsed, maxParameters);
    return parsed;
  });
  if (model === null) return { problems, model: null, memory: null, loss: null, inapplicable: null };
  const other = source && (await attemptLater('/source/model', () => readModel(source.model, source.modelFile)));
  const { loss, split, inapplicable, ...found } = checkRun({
    spec,
    method,
    model,
    data: data && describedData(data),
    test: test && describedData(test),
    weights: weights && byName(weights),
    source: other && { model: other, weights: source?.weights ? byName(source.weights) : null },
  });
  return {
    problems: [...problems, ...found.problems],
    model: split && summaryOf(model, split.head),
    memory: estimateMemory(split?.topology ?? model.topology, batchSizeOf(method)),
    loss: loss?.loss ? { name: loss.loss.name, reason: loss.reason } : null,
    inapplicable,
  };
}

const byName = (tensors: WeightsDescription['tensors']) => new Map(tensors.map((tensor) => [tensor.name, tensor]));

const batchSizeOf = ({ options }: ConfiguredMethod): number =>
  typeof options.batchSize === 'number' ? options.batchSize : batchWithoutData;

async function readModel(model: JobSpec['model'], file: string | null): Promise<ParsedModel> {
  const text = file === null ? JSON.stringify(model) : await readModelText(file);
  const key = createHash('sha256').update(text).digest('base64');
  const known = models.get(key);
  if (known !== undefined) return known;
  const parsed = await loadModel(model, { readModel: async () => parseJson(text) });
  models.set(key, parsed, { size: text.length });
  return parsed;
}

function refuseLarge({ topology }: ParsedModel, maxParameters: number): void {
  const { totalParams } = describe(topology);
  if (totalParams > maxParameters)
    throw new AppError('MODEL_TOO_LARGE', `the model has ${totalParams} parameters; ${maxParameters} are allowed here`);
}

function summaryOf({ topology, format }: ParsedModel, head: Head): ModelSummary {
  const { name, rows, totalParams, trainableParams } = describe(topology);
  return { name, format, head, totalParameters: totalParams, trainableParameters: trainableParams, layers: rows };
}
