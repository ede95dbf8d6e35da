/** Loaded into the API process of a benchmark: answers every message with the longest turn of the event loop since the previous message. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

const nsPerMs = 1e6;

// Child processes of the API inherit its flags, but use the channel for messages of their own.
if (/server\.[tj]s$/.test(process.argv[1] ?? '')) {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  process.on('message', () => {
    process.send?.({ longestTurnMs: delays.max / nsPerMs });
    delays.reset();
  });
}
