import type { IChoiceSetInput, ITextInput } from '@microsoft/teams.cards';
import type { Message } from '../../model.ts';
import { SILENCES, USUAL_SILENCE } from '../silences.ts';
import { plain } from './elements.ts';
import { TEAMS_LIMITS } from './limits.ts';

/** What a button of ours is called: `headroom:ack`. */
export const VERB = /^headroom:([a-z-]{1,40})$/;

/** Inputs of the forms, by which what was filled in is found again. */
export const TEAMS_INPUTS = { silence: 'duration', assign: 'person' } as const;

type Execute = {
  type: 'Action.Execute';
  title: string;
  verb: string;
  data: { incident: string };
  style?: 'positive' | 'destructive';
};
type Input =
  | Pick<IChoiceSetInput, 'type' | 'id' | 'label' | 'style' | 'value' | 'choices'>
  | Pick<ITextInput, 'type' | 'id' | 'label' | 'placeholder' | 'maxLength'>;
export type TeamsButton =
  | Execute
  | {
      type: 'Action.ShowCard';
      title: string;
      card: { type: 'AdaptiveCard'; version: typeof TEAMS_LIMITS.version; body: Input[]; actions: Execute[] };
    };

/**
 * The buttons of a bot's message. A press comes back to the bot with no more than the names of an action and an incident;
 * what needs words unfolds a form in the card.
 */
export function teamsButtons(actions: Message['actions']): TeamsButton[] {
  const known = actions.filter(({ id }) => VERB.test(`headroom:${id}`)).slice(0, TEAMS_LIMITS.actions - 1);
  const primary = known.findIndex(({ style }) => style === 'primary');
  return known.map(({ id, label, style, value: incident }, index) => {
    const value = plain(incident, 64);
    const title = plain(label, 60) || id;
    if (id !== 'silence' && id !== 'assign') {
      const button = execute(id, title, value);
      if (style === 'danger') return { ...button, style: 'destructive' };
      return index === primary ? { ...button, style: 'positive' } : button;
    }
    const submit = execute(id, title.replace(/…$/, ''), value);
    const card = { type: 'AdaptiveCard', version: TEAMS_LIMITS.version, body: [input(id)], actions: [submit] } as const;
    return { type: 'Action.ShowCard', title, card: { ...card, body: [...card.body], actions: [...card.actions] } };
  });
}

function execute(id: string, title: string, incident: string): Execute {
  return { type: 'Action.Execute', title, verb: `headroom:${id}`, data: { incident } };
}

function input(id: keyof typeof TEAMS_INPUTS): Input {
  if (id === 'silence')
    return {
      type: 'Input.ChoiceSet',
      id: TEAMS_INPUTS.silence,
      label: 'For how long',
      style: 'compact',
      value: USUAL_SILENCE,
      choices: SILENCES.map(([value, title]) => ({ value, title })),
    };
  return {
    type: 'Input.Text',
    id: TEAMS_INPUTS.assign,
    label: 'To whom',
    placeholder: 'As your channel knows them; nobody is mentioned. Empty: you.',
    maxLength: 60,
  };
}
