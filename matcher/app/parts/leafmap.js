// A Leaflet map that draws what Python decided: areas, points, legends, labels and one pin.
// Front end of the component in maps.py, which puts `const leaflet = …` before this text. Names are set as
// textContent throughout: they come from files of other people.

const maps = new WeakMap();
const LINE = "#3a2f52";

export default function ({ data, parentElement, setTriggerValue }) {
  const element = parentElement.querySelector(".lm-map");
  let state = maps.get(element);
  if (!state) {
    state = create(element, data);
    maps.set(element, state);
  }
  state.send = setTriggerValue;
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
    resize(state);
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
  state.resizing = new ResizeObserver(() => map.invalidateSize({ animate: false }));
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

function update(state, data) {
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
  drawControls(state);
  select(state);
  setPin(state, data.pin);
  stack(state);
  resize(state);
  drawLegends(state);
  arrangeLabels(state);
  element.dataset.ready = "1";
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
  Object.assign(drawn, { version: layer.version, labels: [], byId: new Map() });
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

function drawLine(drawn, { from, to, width, colour, tip }) {
  const line = leaflet.polyline([from, to], { color: colour, weight: width, opacity: 0.75 });
  drawn.group.addLayer(line.bindTooltip(lines(tip), { sticky: true }));
}

function drawPath(drawn, { line, width, colour, tip }) {
  const path = leaflet.polyline(line, { color: colour, weight: width, opacity: 0.9 });
  drawn.group.addLayer(tip.length ? path.bindTooltip(lines(tip), { sticky: true }) : path);
}

function drawPoint(state, drawn, point) {
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
  drawn.group.addLayer(circle);
}

// Circles grow with the map, more slowly than it, so that a whole city stays readable and a village is easy to hit.
function resize({ map, data, layers }) {
  const whole = map.getBoundsZoom(data.bounds);
  const factor = Math.min(2, Math.max(0.8, 0.8 * 1.25 ** (map.getZoom() - whole)));
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
      circle.setStyle(chosen ? { color: "#c2255c", weight: 4 } : { color: LINE, weight: 0.8 });
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

// A label is shown when it covers none that came before it; Python sends the more important ones first.
function arrangeLabels({ map, layers }) {
  const taken = [];
  for (const { group, labels } of layers.values()) {
    if (!map.hasLayer(group)) continue;
    for (const label of labels) {
      const element = label.getElement();
      const { offsetWidth: width, offsetHeight: height } = element.firstChild;
      const { x, y } = map.latLngToLayerPoint(label.getLatLng());
      const box = [x - width / 2 - 2, y - height / 2, x + width / 2 + 2, y + height / 2];
      const free = taken.every((b) => box[2] < b[0] || b[2] < box[0] || box[3] < b[1] || b[3] < box[1]);
      element.classList.toggle("lm-hidden", !free);
      if (free) taken.push(box);
    }
  }
}

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
  state.controls = [zoom, everything(state), state.legend, leaflet.control.scale({ imperial: false })];
  if (data.layers.some(({ title }) => title)) state.controls.push(choice);
  for (const control of state.controls) control.addTo(map);
}

function everything(state) {
  const control = leaflet.control({ position: "topleft" });
  control.onAdd = () => {
    const bar = leaflet.DomUtil.create("div", "leaflet-bar");
    const button = leaflet.DomUtil.create("a", "", bar);
    Object.assign(button, { href: "#", role: "button", title: state.data.words.whole, textContent: "⤢" });
    leaflet.DomEvent.disableClickPropagation(bar);
    leaflet.DomEvent.on(button, "click", (event) => {
      leaflet.DomEvent.preventDefault(event);
      state.map.fitBounds(state.data.bounds);
    });
    return bar;
  };
  return control;
}

// The layer control takes its titles as HTML.
const escaped = (text) => text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);

function drawLegends({ map, data, layers, legend }) {
  const box = legend.getContainer();
  box.replaceChildren();
  for (const { title, items, of, round } of data.legends) {
    if (!of.some((id) => map.hasLayer(layers.get(id).group))) continue;
    box.appendChild(document.createElement("b")).textContent = title;
    for (const { colour, text } of items) {
      const line = box.appendChild(document.createElement("div"));
      const swatch = line.appendChild(document.createElement("i"));
      swatch.style.background = colour;
      swatch.classList.toggle("round", Boolean(round));
      line.append(text);
    }
  }
  box.hidden = !box.hasChildNodes();
}
