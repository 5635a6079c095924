/**
 * The other side of `@azure/functions`: the module `@azure/functions-core`, which only the Functions worker provides.
 *
 * Only what the library calls is here. Names and shapes are the worker's.
 * @see https://github.com/Azure/azure-functions-nodejs-worker/tree/v4.x/types-core
 */
import Module from 'node:module';

export type TypedData = {
  string?: string;
  json?: string;
  bytes?: Uint8Array;
  http?: {
    method?: string;
    url?: string;
    headers?: Record<string, string>;
    query?: Record<string, string>;
    params?: Record<string, string>;
    statusCode?: string;
    body?: TypedData;
  };
};

/** A binding as registered: `type`, `direction` and the options of its trigger (`route`, `queueName`, `schedule`, …). */
export type Binding = {
  type: string;
  direction: 'in' | 'out';
  route?: string;
  methods?: string[];
  authLevel?: string;
  queueName?: string;
  connection?: string;
  schedule?: string;
};

type FunctionMetadata = { name: string; bindings: Record<string, Binding>; retryOptions?: unknown };

export type FunctionCallback = (...inputs: unknown[]) => unknown;

export type CoreInvocationContext = {
  invocationId: string;
  request: { inputData: { name: string; data: TypedData }[]; triggerMetadata: Record<string, TypedData> };
  metadata: FunctionMetadata;
  state?: 'preInvocationHooks' | 'invocation' | 'postInvocationHooks';
  log(level: string, category: string, message: string): void;
};

type InvocationResponse = {
  returnValue?: TypedData | null;
  outputData?: { name: string; data: TypedData }[];
};

type InvocationModel = {
  getArguments(): Promise<{ context: object; inputs: unknown[] }>;
  invokeFunction(context: object, inputs: unknown[], handler: FunctionCallback): Promise<unknown>;
  getResponse(context: object, result: unknown): Promise<InvocationResponse>;
};

type ProgrammingModel = {
  name: string;
  version: string;
  getInvocationModel(context: CoreInvocationContext): InvocationModel;
  getCapabilities(capabilities: Record<string, string>): Promise<Record<string, string>>;
};

type HookCallback = (context: Record<string, unknown>) => unknown;

export type LogLine = { level: string; category: string; message: string };

/** What an app has registered while it was loaded. */
export type Registrations = {
  functions: Map<string, { metadata: FunctionMetadata; callback: FunctionCallback }>;
  hooks: Map<string, HookCallback[]>;
  model: ProgrammingModel | null;
  logs: LogLine[];
};

export function emptyRegistrations(): Registrations {
  return { functions: new Map(), hooks: new Map(), model: null, logs: [] };
}

class Disposable {
  #dispose: () => void;
  constructor(dispose: () => void) {
    this.#dispose = dispose;
  }
  dispose(): void {
    this.#dispose();
  }
}

function coreApi(registrations: Registrations) {
  return {
    version: '3.12.0',
    hostVersion: '4.1045.0',
    Disposable,
    setProgrammingModel(model: ProgrammingModel) {
      registrations.model = model;
    },
    getProgrammingModel: () => registrations.model,
    registerFunction(metadata: FunctionMetadata, callback: FunctionCallback) {
      if (registrations.functions.has(metadata.name))
        throw new Error(`A function named ${metadata.name} already exists`);
      registrations.functions.set(metadata.name, { metadata, callback });
      return new Disposable(() => registrations.functions.delete(metadata.name));
    },
    registerHook(name: string, callback: HookCallback) {
      const callbacks = registrations.hooks.get(name) ?? [];
      registrations.hooks.set(name, callbacks);
      callbacks.push(callback);
      return new Disposable(() => void callbacks.splice(callbacks.indexOf(callback), 1));
    },
    log(level: string, category: string, message: string) {
      registrations.logs.push({ level, category, message });
    },
  };
}

/** Runs `load` while `require('@azure/functions-core')` answers with a core API that fills `registrations`. */
export async function withCoreApi(registrations: Registrations, load: () => Promise<void> | void): Promise<void> {
  const original: unknown = Reflect.get(Module, '_load');
  if (typeof original !== 'function') throw new Error('Module._load is gone: this Node needs another hook');
  const api = coreApi(registrations);
  Reflect.set(Module, '_load', function load(this: unknown, request: string, ...rest: unknown[]): unknown {
    return request === '@azure/functions-core' ? api : Reflect.apply(original, this, [request, ...rest]);
  });
  try {
    await load();
  } finally {
    Reflect.set(Module, '_load', original);
  }
}
