/**
 * Registers the functions. This is all that a Functions host loads at start; each entry is a bundle of its own, loaded
 * at its first call.
 *
 * Authorisation is `anonymous` because Headroom checks callers itself, with a key it holds in memory: host keys need
 * storage and a token, which are gone when they are needed most (field-notes 24).
 */
import { app } from '@azure/functions';

app.http('receive', {
  methods: ['POST'],
  authLevel: 'anonymous',
  route: 'alerts/{source}',
  handler: async (request) => (await import('./receive.ts')).receive(request),
});

app.http('read', {
  methods: ['GET'],
  authLevel: 'anonymous',
  route: '{resource}/{id?}',
  handler: async (request) => (await import('./read.ts')).read(request),
});

app.http('chat', {
  methods: ['POST'],
  authLevel: 'anonymous',
  route: '{platform:regex(^(slack|teams|pagerduty)$)}/{surface}',
  handler: async (request) => (await import('./chat.ts')).chat(request),
});

app.storageQueue('work', {
  queueName: 'headroom-work',
  connection: 'AzureWebJobsStorage',
  handler: async (message, context) => (await import('./work.ts')).work(message, context),
});

app.timer('watch', {
  schedule: '0 * * * * *',
  handler: async () => (await import('./watch.ts')).watch(),
});

/** What was measured and not sent yet; the host waits for hooks, and kills what takes longer. */
app.hook.appTerminate(async () => {
  await globalThis.headroomProcess?.telemetry?.flush(3_000);
});
