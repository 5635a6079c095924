import type { ModalView } from '@slack/types';
import type { Incident } from '../../model.ts';
import { bounded } from './escape.ts';

/** Blocks of the modals, by which their values are found again. */
export const MODAL_BLOCKS = { silence: 'headroom:duration', assign: 'headroom:person' } as const;

const DURATIONS: readonly [string, string][] = [
  ['15m', '15 minutes'],
  ['30m', '30 minutes'],
  ['1h', '1 hour'],
  ['2h', '2 hours'],
  ['4h', '4 hours'],
  ['8h', '8 hours'],
  ['1d', '1 day'],
  ['3d', '3 days'],
  ['7d', '7 days'],
];

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

function durationInput(): ModalView['blocks'][number] {
  const options = DURATIONS.map(([value, label]) => ({ value, text: plain(label, 75) }));
  const initial = options.find(({ value }) => value === '1h');
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
