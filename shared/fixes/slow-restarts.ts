import { callerId, type FixRule, type Snippets, snippetFor } from './fix.ts';
import { startOnce } from './what-if/thin.ts';

/** What restarts again and again is mended, or waits before it gives up, so that each start is not followed by the next. */
export const slowRestarts: FixRule = {
  id: 'slow-restarts',
  invasiveness: 1,
  changesCaller: true,
  propose(context) {
    return { title: 'End the restart loop', ...snippetFor(context, SNIPPETS), change: startOnce(callerId(context)) };
  },
};

const FIND = `# What restarts, and why it ended the last time:
kubectl get pods --all-namespaces --sort-by='.status.containerStatuses[0].restartCount'
kubectl logs <pod> --namespace <namespace> --previous
# A slow start that a probe cuts short: allow 5 min before the first liveness probe.
#   startupProbe: { httpGet: { path: /healthz, port: 8080 }, periodSeconds: 10, failureThreshold: 30 }`;

/** A start that fails waits before it ends the process: whatever supervises it starts it anew at once. */
const SNIPPETS: Snippets = {
  net: {
    language: 'csharp',
    text: `try { await app.RunAsync(); }
catch (Exception error)
{
    app.Logger.LogCritical(error, "The start failed");
    await Task.Delay(TimeSpan.FromSeconds(60 + Random.Shared.Next(60))); // before it is started again
    throw;
}`,
  },
  java: {
    language: 'java',
    text: `try {
    SpringApplication.run(Application.class, args);
} catch (RuntimeException error) {
    Thread.sleep(ThreadLocalRandom.current().nextLong(60_000L, 120_000L)); // before it is started again
    throw error;
}`,
  },
  python: {
    language: 'python',
    text: `import random, time

try:
    main()
except Exception:
    time.sleep(random.uniform(60, 120))  # before it is started again
    raise`,
  },
  javascript: {
    language: 'typescript',
    text: `import { setTimeout as sleep } from 'node:timers/promises';

try {
  await main();
} catch (error) {
  console.error(error);
  await sleep(60_000 + Math.random() * 60_000); // before it is started again
  process.exitCode = 1;
}`,
  },
  go: {
    language: 'go',
    text: `if err := run(ctx); err != nil {
	log.Print(err)
	time.Sleep(time.Minute + rand.N(time.Minute)) // math/rand/v2; before it is started again
	os.Exit(1)
}`,
  },
  'csi-driver': { language: 'bash', text: FIND },
  'external-secrets': { language: 'bash', text: FIND },
  'app-service': {
    language: 'bash',
    text: `# Why it ends: the log of the platform, and how often it was started anew.
az webapp log tail --resource-group <group> --name <app>
# Give a slow start more than the default of 230 s before it is ended:
az webapp config appsettings set --resource-group <group> --name <app> \\
  --settings WEBSITES_CONTAINER_START_TIME_LIMIT=600`,
  },
};
