// A Leaflet map that draws what Python decided: areas, points, legends, labels and one pin.
// Front end of the component in maps.py, which puts `const leaflet = …` before this text. Names are set as
// textContent throughout: they come from files of other people.

const maps = new WeakMap();
const LINE = "#3a2f52";
// Pixels of height below which the legend is set more narrowly.
const SMALL = 450;

export default function ({ data, parentElement, setTriggerValue }) {
  const element = parentElement.querySelector(".lm-map");
  let state = maps.get(element);
  if (!state) {
    state = create(element, data);
    maps.set(element, state);
  }
  state.send = setTriggerValue;
  state.data = { ...state.data, placing: data.placing };
  update(state, data);
  return () => {
    state.resizing.disconnect();
    state.map.remove();
    maps.delete(element);
  };
}

function create(element, data) {
  // The whole map fits on the first screen of an office PC.
  element.style.height = `min(${data.height}px, max(360px, calc(100vh - var(--above-map, 310px))))`;
  const map = leaflet.map(element, {
    preferCanvas: true,
    renderer: leaflet.canvas({ padding: 0.3, tolerance: 3 }),
    zoomSnap: 0.25,
    zoomDelta: 0.5,
    wheelPxPerZoomLevel: 100,
    minZoom: 5,
    maxZoom: 18,
    scrollWheelZoom: false,
    attributionControl: false,
    zoomControl: false,
  });
  const state = { element, map, data, layers: new Map(), controls: [], pin: null };
  look(state);
  map.on("moveend", () => remember(state));
  // The page scrolls through the map until somebody means the map.
  map.on("focus mousedown", () => map.scrollWheelZoom.enable());
  map.on("blur mouseout", () => map.scrollWheelZoom.disable());
  map.on("click", (event) => state.data.placing && place(state, event.latlng));
  map.on("keypress", (event) => {
    if (event.originalEvent.key === "Enter" && state.data.placing) place(state, map.getCenter());
  });
  map.on("zoomend", () => {
    gather(state);
    resize(state);
    drawLegends(state);
    arrangeLabels(state);
  });
  map.on("baselayerchange overlayadd overlayremove", () => {
    stack(state);
    drawLegends(state);
    arrangeLabels(state);
  });
  leaflet.DomUtil.create("div", "lm-cross", element);
  // Browsers call a map focused by the mouse "focus-visible" too, since Leaflet focuses it by script.
  for (const key of ["keydown", "keyup"]) element.addEventListener(key, () => element.classList.add("lm-keys"));
  element.addEventListener("mousedown", () => element.classList.remove("lm-keys"));
  state.resizing = new ResizeObserver(() => {
    element.classList.toggle("lm-small", element.clientHeight < SMALL);
    map.invalidateSize({ animate: false });
  });
  state.resizing.observe(element);
  element.careMap = state; // for tests
  return state;
}

// Show what was last looked at in this tab, or everything.
function look({ map, data }) {
  let seen = null;
  try {
    seen = JSON.parse(sessionStorage.getItem(`map:${data.view}`));
  } catch {
    // No storage in this browser: begin with everything.
  }
  if (seen) map.setView(seen.centre, seen.zoom, { animate: false });
  else map.fitBounds(data.bounds, { animate: false });
}

// Go to what was chosen, once: afterwards the map is moved by hand.
function focus(state) {
  const wanted = state.data.focus;
  if (wanted && wanted.id !== state.focused) state.map.fitBounds(wanted.bounds, { maxZoom: 12, animate: false });
  state.focused = wanted?.id;
}

function remember({ map, data }) {
  try {
    sessionStorage.setItem(`map:${data.view}`, JSON.stringify({ centre: map.getCenter(), zoom: map.getZoom() }));
  } catch {
    // As above.
  }
}

// Shapes by their address, for all maps of this page; the address names the content.
const shapes = new Map();
const MOST_SHAPES = 60;

function shapesOf(address) {
  if (!shapes.has(address)) {
    const found = fetch(address).then((answer) => (answer.ok ? answer.json() : null), () => null);
    shapes.set(address, found);
    found.then((content) => content ?? shapes.delete(address)); // to be asked for again
    if (shapes.size > MOST_SHAPES) shapes.delete(shapes.keys().next().value);
  }
  return shapes.get(address);
}

async function update(state, given) {
  const turn = (state.turn = (state.turn ?? 0) + 1);
  const found = await Promise.all(given.layers.map((layer) => shapesOf(layer.from)));
  if (turn !== state.turn || !maps.has(state.element)) return; // a later state of the page is on its way
  draw(state, { ...given, layers: given.layers.map((layer, at) => ({ ...layer, ...(found[at] ?? { version: null }) })) });
}

function draw(state, data) {
  const { element, map } = state;
  const another = data.view !== state.data.view;
  state.data = data;
  if (another) look(state);
  focus(state);
  element.classList.toggle("lm-placing", data.placing);
  map.doubleClickZoom[data.placing ? "disable" : "enable"]();
  const wanted = new Set(data.layers.map((layer) => layer.id));
  for (const [id, drawn] of state.layers) {
    if (!wanted.has(id)) {
      drawn.group.remove();
      state.layers.delete(id);
    }
  }
  for (const layer of data.layers) drawLayer(state, layer);
  drawTiles(state, data.tiles);
  drawControls(state);
  gather(state);
  select(state);
  setPin(state, data.pin);
  stack(state);
  resize(state);
  drawLegends(state);
  arrangeLabels(state);
  // Said once the page has taken its shape around the map: two frames later.
  requestAnimationFrame(() => requestAnimationFrame(() => (element.dataset.ready = "1")));
}

// Pictures in another datum: they are laid so that their own position of the middle is in the middle.
function drawTiles(state, given) {
  const wanted = given ? JSON.stringify(given) : null;
  if (wanted === (state.tiled ?? null)) return;
  state.tiled = wanted;
  state.tiles?.remove();
  if (!given) return;
  const { TileLayer } = leaflet;
  const moved = ({ lat, lng }) => {
    const [[south, west], [north, east]] = given.bounds;
    const up = (lat - south) / (north - south);
    const right = (lng - west) / (east - west);
    const mixed = (part) => {
      const [sw, se, nw, ne] = given.shifts.map((shift) => shift[part]);
      return (1 - up) * ((1 - right) * sw + right * se) + up * ((1 - right) * nw + right * ne);
    };
    return leaflet.latLng(lat + mixed(0), lng + mixed(1));
  };
  const Moved = TileLayer.extend({
    _getTiledPixelBounds(centre) {
      return TileLayer.prototype._getTiledPixelBounds.call(this, moved(centre));
    },
    _setZoomTransform(level, centre, zoom) {
      TileLayer.prototype._setZoomTransform.call(this, level, moved(leaflet.latLng(centre)), zoom);
    },
  });
  state.tiles = new Moved(given.template, { maxZoom: 18, opacity: 0.75, referrerPolicy: "no-referrer" });
  state.tiles.addTo(state.map);
}

// Redraw a layer when its version changed; whether it is shown stays as the user left it.
function drawLayer(state, layer) {
  let drawn = state.layers.get(layer.id);
  if (!drawn) {
    drawn = { group: leaflet.layerGroup() };
    if (layer.shown) drawn.group.addTo(state.map);
    state.layers.set(layer.id, drawn);
  }
  if (drawn.version === layer.version) return;
  Object.assign(drawn, { version: layer.version, cluster: layer.cluster, labels: [], circles: [], byId: new Map() });
  drawn.group.clearLayers();
  if (layer.areas) drawAreas(state, drawn, layer.areas);
  for (const line of layer.lines ?? []) drawLine(drawn, line);
  for (const path of layer.paths ?? []) drawPath(drawn, path);
  for (const point of layer.points ?? []) drawPoint(state, drawn, point);
}

function drawAreas(state, drawn, areas) {
  leaflet
    .geoJSON(areas, {
      style: ({ properties: { line, colour, opacity } }) => ({
        color: line ?? "#fff",
        weight: 1,
        fillColor: colour,
        fillOpacity: opacity ?? 1,
      }),
      onEachFeature: ({ properties }, area) => {
        if (properties.tip) area.bindTooltip(lines(properties.tip), { sticky: true });
        if (properties.place) area.on("click", () => enter(state, properties.place));
      },
    })
    .eachLayer((area) => drawn.group.addLayer(area));
  for (const { properties } of areas.features) {
    if (!properties.at) continue;
    const html = document.createElement("span");
    html.textContent = properties.label;
    const icon = leaflet.divIcon({ html, className: "lm-label", iconSize: [0, 0] });
    const label = leaflet.marker(properties.at, { icon, interactive: false, keyboard: false });
    drawn.labels.push(label);
    drawn.group.addLayer(label);
  }
}

// A click into a place says so, unless clicks set a pin.
function enter(state, place) {
  if (!state.data.placing) state.send("entered", place);
}

function drawLine(drawn, { from, to, width, dash = "", colour, tip }) {
  const line = leaflet.polyline([from, to], { color: colour, weight: width, dashArray: dash, opacity: 0.75 });
  drawn.group.addLayer(line.bindTooltip(lines(tip), { sticky: true }));
}

function drawPath(drawn, { line, width, colour, tip }) {
  const path = leaflet.polyline(line, { color: colour, weight: width, opacity: 0.9 });
  drawn.group.addLayer(tip.length ? path.bindTooltip(lines(tip), { sticky: true }) : path);
}

function drawPoint(state, drawn, point) {
  if (point.sign) return drawSign(state, drawn, point);
  const style = { radius: point.radius, color: point.line ?? LINE, weight: 0.8, fillColor: point.colour };
  const circle = leaflet.circleMarker(point.at, { ...style, fillOpacity: 0.95 }).bindTooltip(lines(point.tip));
  if (point.place) circle.on("click", () => enter(state, point.place));
  if (point.id) {
    circle.on("click", (event) => {
      leaflet.DomEvent.stopPropagation(event);
      state.send("picked", point.id);
    });
    drawn.byId.set(point.id, circle);
  }
  circle.careRadius = point.radius;
  drawn.circles.push(circle);
  drawn.group.addLayer(circle);
}

// What an edit does, told by a shape and not by colour alone.
function drawSign(state, drawn, { at, sign, tip, id }) {
  const html = document.createElement("span");
  html.textContent = sign;
  const icon = leaflet.divIcon({ html, className: "lm-sign", iconSize: [24, 24] });
  const marker = leaflet.marker(at, { icon, keyboard: false, bubblingMouseEvents: false }).bindTooltip(lines(tip));
  if (id) marker.on("click", () => state.send("picked", id));
  drawn.group.addLayer(marker);
}

// Far out, providers that would cover each other stand together as one circle with their number; from some zoom on
// each is a ring that lets through what lies below.
const SINGLE_FROM = 2.5;
const CELL = 46;

function gather(state) {
  const { map, data } = state;
  const close = map.getZoom() - map.getBoundsZoom(data.bounds) >= SINGLE_FROM;
  for (const drawn of state.layers.values()) {
    if (!drawn.cluster) continue;
    drawn.together?.forEach((one) => one.remove() && drawn.group.removeLayer(one));
    drawn.together = [];
    const cells = new Map();
    for (const circle of drawn.circles) {
      circle.setStyle({ fillOpacity: close ? 0.6 : 0.95, weight: close ? 2 : 0.8 });
      const { x, y } = map.project(circle.getLatLng()).divideBy(CELL).floor();
      const alone = close || circle === drawn.byId.get(data.selected);
      const cell = alone ? circle : `${x}/${y}`;
      cells.set(cell, [...(cells.get(cell) ?? []), circle]);
    }
    for (const circles of cells.values()) {
      const one = circles.length === 1;
      for (const circle of circles) drawn.group[one ? "addLayer" : "removeLayer"](circle);
      if (!one) drawn.together.push(...together(state, drawn, circles));
    }
  }
}

function together(state, drawn, circles) {
  const area = leaflet.latLngBounds(circles.map((circle) => circle.getLatLng()));
  const radius = Math.min(16, 7 + 1.3 * Math.sqrt(circles.length));
  const style = { radius, color: LINE, weight: 1.5, fillColor: "#ffffff", fillOpacity: 0.92 };
  const bubble = leaflet.circleMarker(area.getCenter(), style);
  bubble.bindTooltip(lines([`${circles.length} ${state.data.words.together}`]));
  bubble.on("click", (event) => {
    leaflet.DomEvent.stopPropagation(event);
    if (state.data.placing) return place(state, state.map.mouseEventToLatLng(event.originalEvent));
    const wanted = state.map.getBoundsZoom(area.pad(0.3));
    state.map.setView(area.getCenter(), Math.max(wanted, state.map.getZoom() + 1), { animate: false });
  });
  const html = document.createElement("span");
  html.textContent = circles.length;
  const icon = leaflet.divIcon({ html, className: "lm-number", iconSize: [0, 0] });
  const number = leaflet.marker(area.getCenter(), { icon, interactive: false, keyboard: false });
  for (const part of [bubble, number]) drawn.group.addLayer(part);
  return [bubble, number];
}

// Circles grow with the map, more slowly than it, so that a whole city stays readable and a village is easy to hit.
function factorOf({ map, data }) {
  return Math.min(2, Math.max(0.8, 0.8 * 1.25 ** (map.getZoom() - map.getBoundsZoom(data.bounds))));
}

function resize({ map, data, layers }) {
  const factor = factorOf({ map, data });
  for (const { group } of layers.values()) {
    group.eachLayer((layer) => layer.careRadius && layer.setRadius(layer.careRadius * factor));
  }
}

const lines = (texts) => () => {
  const box = document.createElement("div");
  for (const text of texts) box.appendChild(document.createElement("div")).textContent = text;
  return box;
};

function select(state) {
  for (const { byId } of state.layers.values()) {
    for (const [id, circle] of byId) {
      const chosen = id === state.data.selected;
      circle.setStyle(chosen ? { color: "#c2255c", weight: 4 } : { color: LINE });
    }
  }
}

function place(state, position) {
  const { lat, lng } = position.wrap();
  setPin(state, [lat, lng]);
  state.send("placed", { lat: Number(lat.toFixed(6)), lon: Number(lng.toFixed(6)) });
}

const PIN = `<svg viewBox="0 0 28 36" width="28" height="36"><path d="M14 35S1 21 1 13a13 13 0 1 1 26 0c0 8-13 22-13 22Z"
  fill="#c2255c" stroke="#fff" stroke-width="1.5"/><path d="M14 7v12M8 13h12" stroke="#fff" stroke-width="3"/></svg>`;

function setPin(state, position) {
  if (!position) {
    state.pin?.remove();
    state.pin = null;
  } else if (state.pin) {
    state.pin.setLatLng(position);
  } else {
    const icon = leaflet.divIcon({ html: PIN, className: "lm-pin", iconSize: [28, 36], iconAnchor: [14, 35] });
    state.pin = leaflet.marker(position, { icon, draggable: true, keyboard: false, zIndexOffset: 1000 });
    state.pin.addTo(state.map).on("dragend", () => place(state, state.pin.getLatLng()));
  }
}

// Canvas paints in the order of adding: put the layers back into the order of the data.
function stack({ map, data, layers }) {
  for (const { id } of data.layers) {
    const { group } = layers.get(id);
    if (map.hasLayer(group)) group.eachLayer((layer) => layer.bringToFront?.());
  }
}

// A label is shown when it covers neither a number nor a label that came before it, where it belongs or a line above or
// below; Python sends the more important ones first.
const LINES = [0, -20, 20, -32, 32];

function arrangeLabels({ map, layers }) {
  const taken = [];
  for (const { group, together } of layers.values()) {
    if (!map.hasLayer(group)) continue;
    for (const bubble of together?.filter((one) => one.getRadius) ?? []) {
      const { x, y } = map.latLngToLayerPoint(bubble.getLatLng());
      const radius = bubble.getRadius() - 3;
      taken.push([x - radius, y - radius, x + radius, y + radius]);
    }
  }
  for (const { group, labels } of layers.values()) {
    if (!map.hasLayer(group)) continue;
    for (const label of labels) {
      const element = label.getElement();
      const { offsetWidth: width, offsetHeight: height } = element.firstChild;
      const { x, y } = map.latLngToLayerPoint(label.getLatLng());
      const boxes = LINES.map((dy) => [x - width / 2 - 2, y + dy - height / 2, x + width / 2 + 2, y + dy + height / 2]);
      const at = boxes.findIndex((box) => taken.every((other) => !meet(box, other)));
      element.classList.toggle("lm-hidden", at < 0);
      if (at < 0) continue;
      element.firstChild.style.top = `${LINES[at]}px`;
      taken.push(boxes[at]);
    }
  }
}

const meet = (a, b) => a[2] >= b[0] && b[2] >= a[0] && a[3] >= b[1] && b[3] >= a[1];

function drawControls(state) {
  const { map, data, layers } = state;
  const wanted = JSON.stringify([data.words, data.layers.map(({ id, title, base }) => [id, title, base])]);
  if (wanted === state.wanted) return;
  state.wanted = wanted;
  for (const control of state.controls) control.remove();
  const choice = leaflet.control.layers(null, null, { collapsed: false });
  for (const { id, title, base } of data.layers) {
    if (title) choice[base ? "addBaseLayer" : "addOverlay"](layers.get(id).group, escaped(title));
  }
  const zoom = leaflet.control.zoom({ zoomInTitle: data.words.zoom_in, zoomOutTitle: data.words.zoom_out });
  state.legend = leaflet.control({ position: "bottomright" });
  state.legend.onAdd = () => leaflet.DomUtil.create("div", "lm-legend");
  const picture = button(state, "⤓", data.words.picture, () => download(state));
  const whole = button(state, "⤢", data.words.whole, () => state.map.fitBounds(state.data.bounds));
  state.controls = [zoom, whole, picture, state.legend, leaflet.control.scale({ imperial: false })];
  if (data.layers.some(({ title }) => title)) state.controls.push(choice);
  for (const control of state.controls) control.addTo(map);
}

function button(state, textContent, title, act) {
  const control = leaflet.control({ position: "topleft" });
  control.onAdd = () => {
    const bar = leaflet.DomUtil.create("div", "leaflet-bar");
    const link = leaflet.DomUtil.create("a", "", bar);
    Object.assign(link, { href: "#", role: "button", title, textContent });
    leaflet.DomEvent.disableClickPropagation(bar);
    leaflet.DomEvent.on(link, "click", (event) => {
      leaflet.DomEvent.preventDefault(event);
      act();
    });
    return bar;
  };
  return control;
}

// The map as it is seen, with labels, legend and the plan's fingerprint, as a PNG file.
function download({ element, data }) {
  const outer = element.getBoundingClientRect();
  const picture = document.createElement("canvas");
  Object.assign(picture, { width: 2 * outer.width, height: 2 * (outer.height + 22) });
  const paint = picture.getContext("2d");
  paint.scale(2, 2);
  paint.fillStyle = "#ffffff";
  paint.fillRect(0, 0, outer.width, outer.height + 22);
  paint.fillStyle = "#e6edef";
  paint.fillRect(0, 0, outer.width, outer.height);
  const box = (part) => {
    const { left, top, width, height } = part.getBoundingClientRect();
    return [left - outer.left, top - outer.top, width, height];
  };
  paint.save();
  paint.beginPath();
  paint.rect(0, 0, outer.width, outer.height);
  paint.clip();
  for (const canvas of element.querySelectorAll("canvas")) paint.drawImage(canvas, ...box(canvas));
  for (const part of element.querySelectorAll(".lm-label:not(.lm-hidden) span, .lm-number span, .lm-sign span"))
    write(paint, part, box(part));
  for (const legend of element.querySelectorAll(".lm-legend:not([hidden]), .leaflet-control-scale-line")) {
    plate(paint, "#fffffff2", box(legend));
    for (const swatch of legend.querySelectorAll("i")) sample(paint, swatch, box(swatch));
    const texts = legend.matches(".lm-legend") ? legend.children : [legend];
    for (const line of texts) write(paint, line, box(line), line.querySelector("i"));
  }
  paint.restore();
  paint.fillStyle = "#33474f";
  paint.font = "11px sans-serif";
  paint.fillText(data.caption, 8, outer.height + 15);
  const link = document.createElement("a");
  Object.assign(link, { download: data.file, href: picture.toDataURL("image/png") });
  link.click();
}

function sample(paint, swatch, [x, y, width, height]) {
  const colour = getComputedStyle(swatch).backgroundColor;
  if (!swatch.classList.contains("round")) return plate(paint, colour, [x, y, width, height]);
  paint.beginPath();
  paint.arc(x + width / 2, y + height / 2, Math.min(width, height) / 2 - 0.5, 0, 2 * Math.PI);
  Object.assign(paint, { fillStyle: colour, strokeStyle: LINE, lineWidth: 1 });
  paint.fill();
  paint.stroke();
}

function plate(paint, colour, [x, y, width, height]) {
  paint.fillStyle = colour;
  paint.fillRect(x, y, width, height);
}

// The text of an element where it stands, on its background; behind its swatch where it has one.
function write(paint, element, [x, y, width, height], swatch) {
  const { font, color, backgroundColor } = getComputedStyle(element);
  if (!swatch) plate(paint, backgroundColor, [x, y, width, height]);
  Object.assign(paint, { font, fillStyle: color, textBaseline: "middle", textAlign: "left" });
  const indent = swatch ? swatch.getBoundingClientRect().width + 8 : Math.max(0, (width - paint.measureText(element.textContent).width) / 2);
  paint.fillText(element.textContent, x + (element.tagName === "B" ? 0 : indent), y + height / 2);
}

// The layer control takes its titles as HTML.
const escaped = (text) => text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);

function drawLegends({ map, data, layers, legend }) {
  if (!legend) return;
  const box = legend.getContainer();
  box.replaceChildren();
  for (const { title, items, of, round } of data.legends) {
    if (!of.some((id) => map.hasLayer(layers.get(id).group))) continue;
    box.appendChild(document.createElement("b")).textContent = title;
    for (const { colour, text, radius } of items) {
      const line = box.appendChild(document.createElement("div"));
      const swatch = line.appendChild(document.createElement("i"));
      swatch.style.background = colour;
      line.classList.toggle("size", Boolean(radius));
      if (radius) swatch.style.width = swatch.style.height = `${Math.round(2 * radius * factorOf({ map, data }))}px`;
      swatch.classList.toggle("round", Boolean(round));
      line.append(text);
    }
  }
  box.hidden = !box.hasChildNodes();
}
