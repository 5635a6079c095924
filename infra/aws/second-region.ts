import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';

/** What a call of a function URL needs besides the right to the URL itself; only with the condition is it no more than that. */
const INVOKE = 'lambda:InvokeFunction';

/**
 * In the second region: the right to ask the first's function `read`, by its URL alone.
 *
 * @param actions what the manifest lists
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
 */
export function mayAskFirst(actions: readonly string[], readerArn: string): iam.PolicyStatement[] {
  return actions.map(
    (action) =>
      new iam.PolicyStatement({
        actions: [action],
        resources: [readerArn],
        ...(action === INVOKE ? { conditions: { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } } } : {}),
      }),
  );
}

/**
 * In the first region: lets roles of a second installation ask `read` by its URL. An installation in the same account needs none
 * of it, as its own role says so; one in another account needs both.
 */
export function letSecondAsk(scope: Construct, read: lambda.IFunction, roleArns: readonly string[]): void {
  for (const [i, principal] of roleArns.entries()) {
    new lambda.CfnPermission(scope, `SecondRegion${i}Url`, {
      functionName: read.functionArn,
      principal,
      action: 'lambda:InvokeFunctionUrl',
      functionUrlAuthType: lambda.FunctionUrlAuthType.AWS_IAM,
    });
    new lambda.CfnPermission(scope, `SecondRegion${i}Call`, {
      functionName: read.functionArn,
      principal,
      action: INVOKE,
      invokedViaFunctionUrl: true,
    });
  }
}
