import { cpuSeconds } from './cpu.js';
import { drive } from './load.js';
import { sendMaker } from './sends.js';
import { FastDevice, givenSetting } from './setting.js';

const setting = await givenSetting();
const { network, address, pid } = setting.server;
const sends = await sendMaker(network);
const device = await FastDevice.of(network.laRuelle.worker);
const port = Number(new URL(address).port);
for (const n of [1000, Number(process.env.N ?? 4000)]) {
  const requests = Array.from({ length: n }, () =>
    device.request('POST', '/v1/referrals', sends.make().body),
  );
  const at = [cpuSeconds(pid), cpuSeconds(setting.cluster.pid)];
  const load = await drive({ port, connections: 16, seconds: 100, next: () => requests.pop() });
  const cpu = [cpuSeconds(pid) - at[0]!, cpuSeconds(setting.cluster.pid) - at[1]!].map((s) =>
    Math.round((s / n) * 1e6),
  );
  console.log('send', Math.round(load.answers / load.seconds), '/s', 'server µs', cpu[0], 'pg µs', cpu[1]);
}
const inbox = await FastDevice.of(network.clinique.worker);
for (const n of [1000, 4000]) {
  const requests = Array.from({ length: n }, () => inbox.request('GET', '/v1/referrals?box=inbox'));
  const at = [cpuSeconds(pid), cpuSeconds(setting.cluster.pid)];
  const load = await drive({ port, connections: 16, seconds: 100, next: () => requests.pop() });
  const cpu = [cpuSeconds(pid) - at[0]!, cpuSeconds(setting.cluster.pid) - at[1]!].map((s) =>
    Math.round((s / n) * 1e6),
  );
  console.log('inbox', Math.round(load.answers / load.seconds), '/s', 'server µs', cpu[0], 'pg µs', cpu[1]);
}
await setting.close();
