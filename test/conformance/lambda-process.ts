import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type InvocationResult, startRuntimeApi } from '../lambdas/runtime-api.ts';
import { endWithUs } from './emulator.ts';

export type LambdaProcess = {
  invoke(event: unknown): Promise<InvocationResult>;
  /** From the start of the process until it asked for its first event. */
  startMs: number;
  /** What it wrote to stdout and stderr so far. */
  output(): string;
  stop(): Promise<void>;
};

const STOP_AFTER_MS = 2_000;

/**
 * Starts a built lambda as an execution environment does: AWS's runtime client loads `index.handler` from the folder and
 * asks a Runtime API for events. The process sees only the given environment and Lambda's own variables.
 */
export async function startLambda(
  client: string,
  name: string,
  folder: string,
  environment: Record<string, string>,
): Promise<LambdaProcess> {
  const api = await startRuntimeApi({ functionName: name });
  const started = performance.now();
  const child = spawn(process.execPath, [client], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'] ?? '',
      AWS_LAMBDA_RUNTIME_API: api.address,
      _HANDLER: 'index.handler',
      LAMBDA_TASK_ROOT: folder,
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
      AWS_LAMBDA_LOG_STREAM_NAME: '2026/01/05/[$LATEST]example',
      AWS_LAMBDA_LOG_FORMAT: 'JSON',
      AWS_REGION: 'us-east-1',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endWithUs(child);
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  const exited = once(child, 'exit');
  const gone = exited.then(([code]) => {
    throw new Error(`the lambda ${name} ended with code ${code}:\n${output}`);
  });
  gone.catch(() => undefined);
  try {
    await Promise.race([api.ready, gone]);
  } catch (error) {
    await stop();
    throw error;
  }
  const startMs = performance.now() - started;

  async function stop(): Promise<void> {
    child.kill('SIGTERM');
    const killer = setTimeout(() => child.kill('SIGKILL'), STOP_AFTER_MS);
    await exited;
    clearTimeout(killer);
    await api.close();
  }

  return { invoke: (event) => Promise.race([api.invoke(event), gone]), startMs, output: () => output, stop };
}
