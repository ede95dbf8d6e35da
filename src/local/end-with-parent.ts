/**
 * Ends this process in order when the process that started it with a channel (serve.ts) has ended in any way, even if that happened while this process was still
 * loading its modules: nobody listened to 'disconnect' then. Does nothing in a process that was started without a channel.
 */
export function endWithParent(): void {
  if (process.send === undefined) return;
  const end = () => process.kill(process.pid, 'SIGTERM');
  if (process.connected) process.once('disconnect', end);
  else end();
}
