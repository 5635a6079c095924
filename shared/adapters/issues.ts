import { HeadroomError } from '../errors.ts';
import type { ControlTarget } from '../model.ts';
import type { ControlPlane } from '../ports.ts';
import { createGitHubIssues } from './github/issues.ts';
import { createGitLabIssues } from './gitlab/issues.ts';

type Hidden = { reveal(): string };

/** The part of the configuration that says where issues can be opened. */
export type IssueChoices = {
  actions: 'on' | 'off';
  githubToken: Hidden | undefined;
  gitlabUrl: string | undefined;
  gitlabToken: Hidden | undefined;
  endpoints: { GITHUB?: string | undefined };
};

/**
 * Where issues can be opened: by the `github:` or `gitlab:` before a project's name, or at the only one that is configured
 * (GitLab where both are). Nothing where actions are off or no token is given.
 */
export function issuePlanes({ actions, githubToken, gitlabUrl, gitlabToken, endpoints }: IssueChoices): ControlPlane[] {
  if (actions === 'off') return [];
  const github = githubToken && createGitHubIssues({ endpoint: endpoints.GITHUB, token: githubToken.reveal() });
  const gitlab =
    gitlabToken && gitlabUrl !== undefined
      ? createGitLabIssues({ url: gitlabUrl, token: gitlabToken.reveal() })
      : undefined;
  const usual = gitlab ?? github;
  if (!usual) return [];
  const of = ({ id }: ControlTarget): ControlPlane => {
    const named = id.startsWith('github:') ? github : id.startsWith('gitlab:') ? gitlab : usual;
    if (named) return named;
    throw new HeadroomError('configuration', `there is no token for ${id.slice(0, 6)}`, {
      nextStep: 'Set HEADROOM_GITHUB_TOKEN, or HEADROOM_GITLAB_URL and HEADROOM_GITLAB_TOKEN.',
    });
  };
  return [
    {
      kind: 'issue',
      read: async (target, signal) => of(target).read(target, signal),
      write: async (target, desired, expected, signal) => of(target).write(target, desired, expected, signal),
    },
  ];
}
