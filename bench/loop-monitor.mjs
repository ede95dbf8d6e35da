/** Loaded into the API of a benchmark: answers every message with the longest turn of the event loop since the message before. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

const nsPerMs = 1e6;

// The processes that the API forks inherit its flags, and have messages of their own.
if (/server\.[tj]s$/.test(process.argv[1] ?? '')) {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  process.on('message', () => {
    process.send?.({ longestTurnMs: delays.max / nsPerMs });
    delays.reset();
  });
}
