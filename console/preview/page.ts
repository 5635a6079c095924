import type { Theme } from '../../shared/charts/palette.ts';
import { showSlack } from './slack.ts';
import { showTeams } from './teams.ts';

const THEMES: Record<Theme, string> = {
  light:
    '--back:#ffffff;--text:#1d1c1d;--faint:#616061;--line:#dddddd;--code:#f6f6f6;--mention:#1264a3;--mark:#fbf3d5;--link:#1264a3;--button:#ffffff;',
  dark: '--back:#1a1d21;--text:#d1d2d3;--faint:#ababad;--line:#4a4d52;--code:#232529;--mention:#6fb8ea;--mark:#4a4122;--link:#6fb8ea;--button:#222529;',
};

const STYLE = `
body{margin:0;padding:16px;background:var(--back);color:var(--text);font:15px/1.47 Lato,'DejaVu Sans',sans-serif;width:640px}
.teams-page{background:#f5f5f5}.dark.teams-page{background:#1f1f1f}
h2{font-size:18px;line-height:1.33;margin:8px 0;overflow-wrap:anywhere}
p{margin:0 0 4px}figure{margin:8px 0}svg{max-width:100%;height:auto}
.slack{overflow-wrap:anywhere}
.rich{margin:4px 0;white-space:pre-wrap}ul,ol{margin:4px 0;padding-left:28px}li .rich{margin:0}
pre{background:var(--code);border:1px solid var(--line);border-radius:4px;padding:8px;margin:4px 0;font:12px/1.5 Menlo,'DejaVu Sans Mono',monospace;white-space:pre-wrap}
code{background:var(--code);border:1px solid var(--line);border-radius:3px;padding:1px 3px;font:12px 'DejaVu Sans Mono',monospace}
a{color:var(--link);text-decoration:none}
.mention{color:var(--mention);background:var(--mark);border-radius:3px;padding:0 2px}
.fields{display:grid;grid-template-columns:1fr 1fr;gap:8px 16px;margin:8px 0;white-space:pre-wrap}
.context{color:var(--faint);font-size:13px;margin:8px 0}
.actions{display:flex;flex-wrap:wrap;gap:8px;margin:8px 0}
.button{border:1px solid var(--line);border-radius:4px;padding:4px 12px;background:var(--button);font-weight:bold;font-size:13px;white-space:nowrap}
.button.primary{background:#007a5a;border-color:#007a5a;color:#fff}.button.danger{color:#e01e5a;border-color:#e01e5a}
.modal{border:1px solid var(--line);border-radius:8px;padding:16px;width:480px}.modal footer{display:flex;gap:8px;justify-content:flex-end;margin-top:16px}
.input{display:flex;flex-direction:column;gap:4px;margin:12px 0}.field{border:1px solid var(--line);border-radius:4px;padding:6px 12px}
.notification{border-top:1px dashed var(--line);margin-top:16px;padding-top:8px;color:var(--faint);font-size:13px}
.notification::before{content:'notification: '}
blockquote{border-left:4px solid var(--line);margin:4px 0;padding-left:8px}
.problem{border:2px solid #e01e5a;color:#e01e5a;padding:4px 8px;margin:4px 0;font-weight:bold}
.teams.message{border-radius:4px;overflow:hidden;box-shadow:0 1px 4px #0004}
.ac-actionSet{flex-wrap:wrap;row-gap:8px}.ac-actionSet>*{max-width:100%}
.ac-pushButton{background:var(--back);color:var(--text);border:1px solid var(--line);border-radius:4px;padding:5px 12px;font:600 14px 'Segoe UI','DejaVu Sans',sans-serif}
.ac-pushButton.style-positive{background:#5b5fc7;border-color:#5b5fc7;color:#fff}.ac-pushButton.style-destructive{background:#c4314b;border-color:#c4314b;color:#fff}
`;

/**
 * A whole page that shows one message as its platform does.
 *
 * @param cards the script of the package `adaptivecards`, which a page for Teams needs
 */
export function previewPage(
  payload: unknown,
  { platform, theme, cards }: { platform: 'slack' | 'teams'; theme: Theme; cards: string },
): string {
  const shown =
    platform === 'slack' ? showSlack(payload, theme) : `<script>${cards}</script>${showTeams(payload, theme)}`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Headroom: ${platform}</title><style>:root{${THEMES[theme]}}${STYLE}</style></head>
<body class="${theme} ${platform}-page">${shown}</body></html>
`;
}
