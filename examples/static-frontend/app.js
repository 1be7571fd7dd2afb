// A front end that lives elsewhere: another origin, no build, nothing of the server's own pages.
// Three requests show the seats, one stream keeps them true, two more sell them.

const server = new URLSearchParams(location.search).get('server') ?? 'http://localhost:8000';
const api = `${server}/api/v1`;
const by = (id) => document.getElementById(id);
const words = { '.': 'available', h: 'held', b: 'booked', x: 'blocked' };

let seq = 0;
let hold = null;
let labels = [];
const picks = new Set();

async function ask(method, path, body) {
  const answer = await fetch(api + path, {
    method,
    // The session's cookie goes along: the server must name this origin in --cors-origin.
    credentials: 'include',
    headers: body ? { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() } : {},
    body: body && JSON.stringify(body),
  });
  const data = answer.status === 204 ? null : await answer.json();
  if (!answer.ok) throw new Error(data.detail ?? data.title);
  return data;
}

const say = (text) => (by('says').textContent = text);
const tell = (n) => (by('free').textContent = `${n.available} of ${n.capacity} seats are free.`);
const attempt = (act) => act().catch((error) => say(error.message));

/** Draws a plan once; `paint` keeps it true. */
function draw(plan) {
  labels = [];
  by('seats').replaceChildren(...plan.sections.flatMap((section) => section.rows.map((row) => {
    const line = Object.assign(document.createElement('div'), { className: 'row' });
    line.append(Object.assign(document.createElement('b'), { textContent: row.label }));
    const skip = new Set(row.skip);
    for (let number = row.first ?? 1, left = row.count; left > 0; number += 1) {
      if (skip.has(number)) continue;
      left -= 1;
      const label = `${section.name ? `${section.name}/` : ''}${row.label}${number}`;
      const button = Object.assign(document.createElement('button'), { textContent: number, onclick: () => pick(label, button) });
      button.dataset.seat = label;
      labels.push(label);
      line.append(button);
    }
    return line;
  })));
}

function paint(index, symbol) {
  const button = by('seats').querySelector(`[data-seat="${labels[index]}"]`);
  button.dataset.is = words[symbol];
  button.disabled = symbol !== '.';
  if (symbol !== '.') {
    picks.delete(labels[index]);
    button.setAttribute('aria-pressed', 'false');
  }
  button.setAttribute('aria-label', `${labels[index]}, ${words[symbol]}`);
}

function pick(label, button) {
  if (!picks.delete(label)) picks.add(label);
  button.setAttribute('aria-pressed', String(picks.has(label)));
  by('hold').disabled = picks.size === 0;
}

let stream = null;
async function open(id) {
  stream?.close();
  picks.clear();
  const show = await ask('GET', `/shows/${id}`);
  draw(await ask('GET', `/shows/${id}/layout/${show.layout}`));
  const whole = ({ seq: at, s }) => {
    seq = at;
    [...s].forEach((symbol, index) => paint(index, symbol));
  };
  whole(await ask('GET', `/shows/${id}/snapshot`));
  stream = new EventSource(`${api}/events?shows=${id}`, { withCredentials: true });
  stream.addEventListener('show', (event) => whole(JSON.parse(event.data)));
  stream.addEventListener('d', (event) => {
    const change = JSON.parse(event.data);
    if (change.to <= seq) return;
    if (change.from > seq + 1) return void attempt(async () => whole(await ask('GET', `/shows/${id}/snapshot`)));
    seq = change.to;
    for (const [index, symbol] of change.c) paint(index, symbol);
    tell(change.n);
  });
  tell(show.stats);
  say('Pick seats, sign in, hold, book.');
}

by('shows').onchange = () => attempt(() => open(by('shows').value));
by('sign-in').onsubmit = (event) => {
  event.preventDefault();
  attempt(async () => {
    const { user } = await ask('POST', '/session', Object.fromEntries(new FormData(event.target)));
    say(`Signed in as ${user.name}.`);
  });
};
by('hold').onclick = () => attempt(async () => {
  hold = await ask('POST', `/shows/${by('shows').value}/holds`, { seats: [...picks] });
  by('book').disabled = false;
  say(`${hold.seats.join(', ')} held until ${new Date(hold.expires_at).toLocaleTimeString()}.`);
});
by('book').onclick = () => attempt(async () => {
  const booking = await ask('POST', `/holds/${hold.id}/book`, {});
  by('book').disabled = true;
  say(`Booked. ${booking.tickets.map((ticket) => `${ticket.seat}: ${ticket.code}`).join(', ')}`);
});

attempt(async () => {
  const { data } = await ask('GET', `/shows?from=${new Date().toISOString()}`);
  const { data: movies } = await ask('GET', '/movies');
  const title = (show) => movies.find((movie) => movie.id === show.movie)?.title;
  by('shows').replaceChildren(...data.map((show) => new Option(`${title(show)}, ${new Date(show.starts_at).toLocaleString()}`, show.id)));
  if (data.length) await open(data[0].id);
  else say('Nothing is on.');
});
