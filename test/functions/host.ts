/**
 * A stand-in for the Azure Functions host and worker: loads an app folder as the real ones do (host.json, the glob in
 * package.json `main`) and drives every call through `@azure/functions`' own invocation model.
 *
 * It does not play: host keys, scale, retry options of a function, streaming, bindings to services (output bindings are
 * handed back instead of written).
 */
import { randomUUID } from 'node:crypto';
import { globSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, sep } from 'node:path';
import {
  type Binding,
  type CoreInvocationContext,
  emptyRegistrations,
  type FunctionCallback,
  type LogLine,
  type Registrations,
  type TypedData,
  withCoreApi,
} from './core-api.ts';
import { matchRoute } from './route-template.ts';

type HttpCall = { headers?: Record<string, string>; body?: string | Uint8Array };
type HttpAnswer = { status: number; headers: Record<string, string>; body: string };
type OutputWrite = { name: string; data: TypedData };

export type FunctionsHost = {
  /** What the app registered, in order: name and trigger binding. */
  functions: { name: string; trigger: Binding }[];
  /** One line for each call of `context.log` and of the library. */
  logs: LogLine[];
  /** Values of output bindings, in the order in which the host would have written them. */
  outputs: OutputWrite[];
  /** Messages that failed `maxDequeueCount` times, by queue. */
  poison: Map<string, string[]>;
  /** Calls the HTTP function whose route and method match; 404 without one; 500 when it throws, as the host answers. */
  http(method: string, url: string, call?: HttpCall): Promise<HttpAnswer>;
  /** Delivers a queue message until the function succeeds, or moves it to the poison queue. Errors come in order. */
  deliver(queueName: string, text: string): Promise<{ attempts: number; poisoned: boolean; errors: unknown[] }>;
  /** One delivery of a queue message, as the worker gets it. Rejects with what the function throws. */
  deliverOnce(queueName: string, text: string, dequeueCount: number): Promise<void>;
  /** The host's bound on deliveries, from host.json. */
  maxDequeueCount: number;
  /** Fires a timer function. Rejects with what the function throws. */
  tick(name: string): Promise<void>;
  /** Runs the appTerminate hooks and forgets the app's modules, so that the next start loads them anew. */
  stop(): Promise<void>;
};

type HostJson = { extensions?: { http?: { routePrefix?: string }; queues?: { maxDequeueCount?: number } } };

/** The host's defaults. @see https://learn.microsoft.com/azure/azure-functions/functions-host-json */
const DEFAULT_ROUTE_PREFIX = 'api';
const DEFAULT_MAX_DEQUEUE_COUNT = 5;

export async function startHost(appFolder: string): Promise<FunctionsHost> {
  const folder = realpathSync(appFolder);
  const hostJson: HostJson = JSON.parse(readFileSync(join(folder, 'host.json'), 'utf8'));
  const main: string = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).main;
  const registrations = emptyRegistrations();
  const load = createRequire(join(folder, 'package.json'));
  await withCoreApi(registrations, () => {
    for (const file of globSync(main, { cwd: folder })) load(join(folder, file));
  });
  await runHooks(registrations, 'appStart', {});
  await registrations.model?.getCapabilities({});
  const outputs: OutputWrite[] = [];
  const poison = new Map<string, string[]>();
  const invoke = async (name: string, data: TypedData, metadata: Record<string, TypedData>) => {
    const response = await invokeFunction(registrations, name, data, metadata);
    outputs.push(...(response.outputData ?? []));
    return response;
  };
  const prefix = hostJson.extensions?.http?.routePrefix ?? DEFAULT_ROUTE_PREFIX;
  const maxDequeueCount = hostJson.extensions?.queues?.maxDequeueCount ?? DEFAULT_MAX_DEQUEUE_COUNT;
  const functions = [...registrations.functions.values()].map(({ metadata }) => ({
    name: metadata.name,
    trigger: triggerOf(metadata.bindings).binding,
  }));

  async function deliverOnce(queueName: string, text: string, dequeueCount: number): Promise<void> {
    const target = functions.find(({ trigger }) => trigger.type === 'queueTrigger' && trigger.queueName === queueName);
    if (!target) throw new Error(`no function listens to the queue ${queueName}`);
    const metadata = { Id: { string: randomUUID() }, DequeueCount: { json: String(dequeueCount) } };
    await invoke(target.name, { string: text }, metadata);
  }

  return {
    functions,
    logs: registrations.logs,
    outputs,
    poison,

    async http(method, url, call = {}) {
      const { pathname, searchParams } = new URL(url, 'http://127.0.0.1');
      const found = findRoute(functions, prefix, method, pathname);
      if (!found) return { status: 404, headers: {}, body: '' };
      const body = typeof call.body === 'string' ? new TextEncoder().encode(call.body) : call.body;
      const request = {
        method,
        url: new URL(url, 'http://127.0.0.1').href,
        headers: call.headers ?? {},
        query: Object.fromEntries(searchParams),
        params: found.params,
        ...(body && { body: { bytes: body } }),
      };
      try {
        return httpAnswer((await invoke(found.name, { http: request }, {})).returnValue);
      } catch (error) {
        registrations.logs.push({ level: 'error', category: 'host', message: String(error) });
        return { status: 500, headers: {}, body: '' };
      }
    },

    async deliver(queueName, text) {
      const errors: unknown[] = [];
      for (let attempts = 1; attempts <= maxDequeueCount; attempts += 1) {
        try {
          await deliverOnce(queueName, text, attempts);
          return { attempts, poisoned: false, errors };
        } catch (error) {
          errors.push(error);
        }
      }
      poison.set(queueName, [...(poison.get(queueName) ?? []), text]);
      return { attempts: maxDequeueCount, poisoned: true, errors };
    },

    deliverOnce,
    maxDequeueCount,

    async tick(name) {
      const timer = { Schedule: { AdjustForDST: true }, IsPastDue: false, ScheduleStatus: null };
      await invoke(name, { json: JSON.stringify(timer) }, {});
    },

    async stop() {
      await runHooks(registrations, 'appTerminate', {});
      for (const path of Object.keys(load.cache)) if (path.startsWith(folder + sep)) delete load.cache[path];
    },
  };
}

function triggerOf(bindings: Record<string, Binding>): { name: string; binding: Binding } {
  const found = Object.entries(bindings).find(([, binding]) => /trigger$/i.test(binding.type));
  if (!found) throw new Error('a function without a trigger was registered');
  return { name: found[0], binding: found[1] };
}

function findRoute(functions: FunctionsHost['functions'], prefix: string, method: string, path: string) {
  for (const { name, trigger } of functions) {
    if (trigger.type !== 'httpTrigger') continue;
    if (!trigger.methods?.some((allowed) => allowed.toUpperCase() === method.toUpperCase())) continue;
    const params = matchRoute(`${prefix}/${trigger.route ?? name}`, path);
    if (params) return { name, params };
  }
  return null;
}

/** One invocation, step by step as the worker does it: arguments, hooks, function, hooks, response. */
async function invokeFunction(
  registrations: Registrations,
  name: string,
  data: TypedData,
  triggerMetadata: Record<string, TypedData>,
) {
  const registered = registrations.functions.get(name);
  if (!registered || !registrations.model) throw new Error(`no function named ${name} is registered`);
  const core: CoreInvocationContext = {
    invocationId: randomUUID(),
    metadata: registered.metadata,
    request: { inputData: [{ name: triggerOf(registered.metadata.bindings).name, data }], triggerMetadata },
    log: (level, category, message) => registrations.logs.push({ level, category, message }),
  };
  const model = registrations.model.getInvocationModel(core);
  const { context, inputs } = await model.getArguments();
  const shared = { hookData: {}, invocationContext: context };

  core.state = 'preInvocationHooks';
  const before: Record<string, unknown> & { inputs: unknown[]; functionCallback: FunctionCallback } = {
    ...shared,
    inputs,
    functionCallback: registered.callback,
  };
  await runHooks(registrations, 'preInvocation', before);

  core.state = 'invocation';
  const after: Record<string, unknown> = { ...shared, inputs: before.inputs, result: null, error: null };
  try {
    after['result'] = await model.invokeFunction(context, before.inputs, before.functionCallback);
  } catch (error) {
    after['error'] = error;
  }

  core.state = 'postInvocationHooks';
  await runHooks(registrations, 'postInvocation', after);
  if (after['error'] !== null) throw after['error'];
  return await model.getResponse(context, after['result']);
}

async function runHooks(registrations: Registrations, name: string, context: Record<string, unknown>): Promise<void> {
  for (const hook of registrations.hooks.get(name) ?? []) await hook(context);
}

function httpAnswer(value: TypedData | null | undefined): HttpAnswer {
  const response = value?.http;
  const body = response?.body;
  return {
    status: Number(response?.statusCode ?? 204),
    headers: response?.headers ?? {},
    body: body?.string ?? (body?.bytes ? Buffer.from(body.bytes).toString('utf8') : ''),
  };
}
