import { test } from 'vitest';
import { rowsOf } from '/work/main/shared/evidence/rows.ts';
import { runs } from '/work/main/shared/evidence/runs.ts';
import { activity } from '/work/main/shared/evidence/activity.ts';
import { cached, evidenceOf, loop, outage, work } from '/work/main/test/shared/diagnoses/fleet.ts';
const bg = () => [...cached({appId:'bg1',instances:4,secrets:5,ttlS:120}),...cached({appId:'bg2',instances:2,secrets:3,ttlS:60})];
test.each([
 ['restart', () => loop({appId:'x',instances:12,secrets:20,everyS:40,fresh:true,fromS:600})],
 ['restart few', () => loop({appId:'x',instances:12,secrets:40,everyS:100,fresh:true,fromS:600})],
 ['poll', () => loop({appId:'x',instances:12,secrets:30,everyS:120,fresh:false,phaseS:2})],
 ['poll spread', () => loop({appId:'x',instances:40,secrets:30,everyS:60,fresh:false})],
 ['poll nat', () => loop({appId:'x',instances:40,secrets:30,everyS:120,fresh:false,perAddress:20})],
 ['work', () => work({appId:'x',instances:12,secrets:5,everyS:3,fresh:false})],
 ['client', () => work({appId:'x',instances:12,secrets:5,everyS:3,fresh:true})],
 ['outage', () => outage({appId:'x',instances:12,secrets:25,ttlS:60,failsAtS:300,backAtS:500})],
])('%s', async (n, make) => {
  const e = await evidenceOf([...bg(), ...make()]);
  console.log(n, JSON.stringify(e.readings.filter(r=>r.state!=='read' && r.window==='incident')));
  console.table(rowsOf(e, runs));
  const a = rowsOf(e, activity);
  console.log(a?.map(r=>`${r.caller} ${r.fromSecond} ${r.perTenSeconds.length} ${r.perTenSeconds.slice(-200).filter((_,i)=>i%6===0)}`).join('\n'));
}, 60000);
