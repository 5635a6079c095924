import type { ModalView } from '@slack/types';
import type { Answer, Incident } from '../../model.ts';
import { SILENCES, USUAL_SILENCE } from '../silences.ts';
import { noteText } from '../text/answer.ts';
import { bounded } from './escape.ts';

/** Blocks of the modals, by which their values are found again. */
export const MODAL_BLOCKS = { silence: 'headroom:duration', assign: 'headroom:person' } as const;

/** What the button `Silence…` or `Assign…` of an incident's message opens. */
export function modalFor(action: keyof typeof MODAL_BLOCKS, incident: Pick<Incident, 'id' | 'resource'>): ModalView {
  const title = action === 'silence' ? 'Silence' : 'Assign';
  return {
    type: 'modal',
    callback_id: `headroom:${action}`,
    private_metadata: incident.id,
    title: plain(`${title} ${incident.id}`, 24),
    submit: plain(title, 24),
    close: plain('Cancel', 24),
    blocks: [
      { type: 'section', text: plain(incident.resource.name || incident.resource.id, 200) },
      action === 'silence' ? durationInput() : personInput(),
    ],
  };
}

/** What a form has done, where there is more to say than the incident's message shows. */
export function confirmation(action: keyof typeof MODAL_BLOCKS, { title, lines, notes }: Answer): ModalView {
  return {
    type: 'modal',
    callback_id: 'headroom:done',
    title: plain(action === 'silence' ? 'Silenced' : 'Assigned', 24),
    close: plain('Close', 24),
    blocks: [title, ...lines, ...notes.map(noteText)].map((text) => ({ type: 'section', text: plain(text, 1_000) })),
  };
}

function durationInput(): ModalView['blocks'][number] {
  const options = SILENCES.map(([value, label]) => ({ value, text: plain(label, 75) }));
  const initial = options.find(({ value }) => value === USUAL_SILENCE);
  return {
    type: 'input',
    block_id: MODAL_BLOCKS.silence,
    label: plain('For how long', 100),
    element: { type: 'static_select', action_id: 'value', options, ...(initial ? { initial_option: initial } : {}) },
  };
}

function personInput(): ModalView['blocks'][number] {
  return {
    type: 'input',
    block_id: MODAL_BLOCKS.assign,
    optional: true,
    label: plain('To whom', 100),
    hint: plain('As your channel knows them; nobody is mentioned. Empty: you.', 150),
    element: { type: 'plain_text_input', action_id: 'value', max_length: 60 },
  };
}

function plain(text: string, max: number): { type: 'plain_text'; text: string; emoji: false } {
  return { type: 'plain_text', text: bounded(text, max) || '-', emoji: false };
}
