import type { Incident, Note } from '../model.ts';

/** Why the incident counts as unverified, and what to do about it; undefined when it is verified. */
export function unverifiedNote(incident: Incident): Note | undefined {
  const { readBack, resource, verified } = incident;
  if (verified) return undefined;
  if (!readBack || readBack.state === 'confirmed')
    return {
      text: 'Unverified: no configured scope holds this resource, so no action is offered.',
      nextStep: 'If it is yours, add its subscription or account to scopes in headroom.json.',
    };
  const cloud = resource.cloud === 'aws' ? 'CloudWatch' : 'Azure Monitor';
  switch (readBack.state) {
    case 'awaited':
      return { text: `Unverified until ${cloud} confirms this alert; no action is offered before.` };
    case 'unknown':
      return {
        text: `Unverified: ${cloud} knows no such alert, so nothing was asked about the resource and no action is offered.`,
        nextStep: 'If nobody sent it as a test, someone else holds the alert token: replace HEADROOM_ALERT_TOKEN.',
      };
    case 'unreadable':
      return {
        text: `Unverified: ${cloud} could not be asked whether it knows this alert (${readBack.why}), so nothing was asked about the resource either. It is asked again.`,
        ...(readBack.nextStep === undefined ? {} : { nextStep: readBack.nextStep }),
      };
  }
}

/** Says that the second region tells of it, and where it is followed since the first does; undefined in the first region. */
export function secondRegionNote({ secondRegion }: Incident): Note | undefined {
  if (!secondRegion) return undefined;
  if (secondRegion.mergedInto !== undefined)
    return {
      text: `Second region: the first has it too, as incident ${secondRegion.mergedInto}.`,
      nextStep: 'Follow it there; this message is not the one to answer.',
    };
  const why = secondRegion.why === 'no-answer' ? 'did not answer' : 'had not taken it up after 90 s';
  return { text: `Second region: the first ${why}. Should it be back, both may tell of this until they are merged.` };
}
