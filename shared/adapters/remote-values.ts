/** One name whose value stands elsewhere and cannot be had from there: about it, never its value, and what to do. */
export type RemoteProblem = { name: string; problem: string; nextStep: string };

/** What a configuration takes from elsewhere than the environment. */
export type RemoteValues = {
  /** Values in place of references that stand in the environment, by the names there. */
  environment?: Readonly<Record<string, string>>;
  /** Plain values of App Configuration by key. */
  appConfiguration?: Readonly<Record<string, string>>;
  /** Resolved Key Vault references of App Configuration by key. */
  keyVault?: Readonly<Record<string, string>>;
  problems: readonly RemoteProblem[];
};
