/** npm run operations:table: rewrites the table of TensorFlow's operations; needed when scripts/setup/pins.mjs names another TensorFlow. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot, stampFile } from '../setup/paths.mjs';
import { operationTable, operationTableFile } from './operation-table.ts';

const { tensorflow } = JSON.parse(readFileSync(stampFile(projectRoot), 'utf8'));
writeFileSync(path.join(projectRoot, operationTableFile), operationTable(tensorflow.libDir, tensorflow.version));
console.log(`wrote ${operationTableFile}`);
