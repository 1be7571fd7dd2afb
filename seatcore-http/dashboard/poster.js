// Posters, and what stands in for one that is missing: drawn from the title, never fetched.

import { el, svg } from './dom.js';

/** @param {{title: string, poster_url: string | null} | undefined} movie @param {Record<string, any>} [attributes] */
export function poster(movie, attributes = {}) {
  const title = movie?.title ?? 'Film';
  if (!movie?.poster_url) return drawn(title, attributes);
  // The title stands beside every poster in words.
  const image = el('img', { src: movie.poster_url, alt: '', width: 200, height: 300, decoding: 'async', class: 'poster', ...attributes });
  image.addEventListener('error', () => image.replaceWith(drawn(title, attributes)), { once: true });
  return image;
}

let drawings = 0;

function drawn(title, attributes) {
  const hue = [...title].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 360, 7);
  const id = `poster-${(drawings += 1)}`;
  const initials = title.split(/\s+/).filter((word) => /^\p{L}|^\d/u.test(word)).slice(0, 2).map((word) => word[0].toUpperCase()).join('');
  const words = svg('text', { x: 100, y: 165, 'text-anchor': 'middle', 'font-size': 64, 'font-weight': 600, fill: '#ffffff', 'font-family': 'Outfit, sans-serif' });
  words.textContent = initials;
  const picture = svg('svg', { viewBox: '0 0 200 300', class: attributes.class ?? 'poster', width: 200, height: 300, 'aria-hidden': 'true' },
    svg('defs', {}, svg('linearGradient', { id, x1: 0, y1: 0, x2: 1, y2: 1 },
      svg('stop', { offset: 0, 'stop-color': `hsl(${hue} 60% 32%)` }), svg('stop', { offset: 1, 'stop-color': `hsl(${(hue + 60) % 360} 65% 16%)` }))),
    svg('rect', { width: 200, height: 300, fill: `url(#${id})` }), words);
  if (attributes.id) picture.setAttribute('id', attributes.id);
  return picture;
}
