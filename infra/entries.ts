/**
 * The entries of design §11: one file of this name in `functions/` and its twin in `lambdas/`, each built to a bundle of
 * its own.
 */
export const ENTRIES = ['receive', 'chat', 'read', 'work', 'watch'] as const;
export type Entry = (typeof ENTRIES)[number];

/** What starts each entry. Azure: as `functions/main.ts` registers it. AWS: the event sources whose shapes it takes. */
export const TRIGGERS: Record<Entry, { azure: Record<string, unknown>; aws: readonly string[] }> = {
  receive: {
    azure: { type: 'httpTrigger', route: 'alerts/{source}', methods: ['POST'], authLevel: 'anonymous' },
    aws: ['function-url', 'cloudwatch-alarm', 'eventbridge', 'sns'],
  },
  chat: {
    azure: {
      type: 'httpTrigger',
      route: '{platform:regex(^(slack|teams|pagerduty)$)}/{surface}',
      methods: ['POST'],
      authLevel: 'anonymous',
    },
    aws: ['function-url'],
  },
  read: {
    azure: { type: 'httpTrigger', route: '{resource}/{id?}', methods: ['GET'], authLevel: 'anonymous' },
    aws: ['function-url'],
  },
  work: {
    azure: { type: 'queueTrigger', queueName: 'headroom-work', connection: 'AzureWebJobsStorage' },
    aws: ['sqs'],
  },
  watch: { azure: { type: 'timerTrigger', schedule: '0 * * * * *' }, aws: ['scheduler'] },
};

/** What is started by the clock: every so many seconds, in the words of each cloud. */
export const SCHEDULES = [{ entry: 'watch', everySeconds: 60, azure: '0 * * * * *', aws: 'rate(1 minute)' }] as const;
