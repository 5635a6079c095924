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

app.storageQueue('work', {
  queueName: 'headroom-work',
  connection: 'AzureWebJobsStorage',
  handler: async (message) => (await import('./work.ts')).work(message),
});

app.timer('watch', {
  schedule: '0 * * * * *',
  handler: async () => (await import('./watch.ts')).watch(),
});
