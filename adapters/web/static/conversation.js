// The messages of the conversation. All text is painted as text; nothing here makes HTML of it.
const ICONS = {
  download: "M12 4v11m0 0 4.500-4.500M12 15l-4.500-4.500M5 19.500h14",
  use: "M5 19.500V13a4 4 0 0 1 4-4h10m0 0-4.500-4.500M19 9l-4.500 4.500",
  close: "M6 6l12 12M18 6 6 18",
  next: "M9 5l7 7-7 7",
  previous: "M15 5l-7 7 7 7",
  down: "M12 5v14m0 0 6-6m-6 6-6-6",
};
const SURE = 5000;
const ADDRESS = /(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]。，；：！？）])/;

export default {
  template: `
  <section class="conversation" ref="scroller" @scroll.passive="scrolled">
    <div class="column">
      <div v-if="!list.length" class="empty">
        <h1>{{ words['empty-title'] }}</h1>
        <ul>
          <li v-for="(prompt, i) in examples" :key="i"><button type="button" @click="propose(prompt)">{{ prompt }}</button></li>
        </ul>
        <p>{{ words.hint }}</p>
      </div>
      <div role="log" aria-live="polite" :aria-label="words.easel">
        <article v-for="m in list" :key="m.id" :class="{ mine: m.mine, busy: m.busy, note: m.private }" :aria-label="m.mine ? words.you : words.easel" :aria-busy="m.busy" :data-post="m.id">
          <p v-if="m.tags.length" class="tags"><span v-for="t in m.tags" :key="t">{{ t }}</span></p>
          <div v-if="m.mine && m.pictures.length" class="attached">
            <img v-for="p in m.pictures" :key="p.source" :src="p.url" :alt="p.name" width="72" height="72" loading="lazy" />
          </div>
          <div v-else-if="m.pictures.length || m.busy" :class="['canvas', { veiled: m.veiled }, grid(cells(m).length)]">
            <figure v-for="(p, i) in cells(m)" :key="m.busy ? i : p.id" :class="{ blank: !p.url }" :aria-hidden="!p.url || null" :style="shape(p, cells(m).length, m)">
              <template v-if="!p.url"></template>
              <video v-else-if="p.moving" :src="p.url" :width="p.width" :height="p.height" :aria-label="alt(m)" controls playsinline preload="metadata"></video>
              <button v-else type="button" class="look" :aria-label="words.open + ': ' + p.name" @click="look(m, i)">
                <img :src="p.url" :alt="alt(m)" :width="p.width" :height="p.height" decoding="async" />
              </button>
              <figcaption v-if="!m.busy">
                <button v-if="!p.moving" type="button" :title="words.use" :aria-label="words.use" @click="use(p)"><svg viewBox="0 0 24 24" aria-hidden="true"><path :d="icons.use" /></svg></button>
                <a :href="saved(p)" :download="p.name" :title="words.download" :aria-label="words.download"><svg viewBox="0 0 24 24" aria-hidden="true"><path :d="icons.download" /></svg></a>
              </figcaption>
            </figure>
          </div>
          <div v-if="m.text" :id="'easel-words-' + m.id" :class="['words', { whole: whole[m.id], caption: m.pictures.length || m.busy }]" dir="auto" v-fold><component v-for="(line, l) in lines(m)" :key="l" :is="l ? 'small' : 'span'"><template v-for="(part, i) in line" :key="i"><a v-if="i % 2" :href="part" target="_blank" rel="noopener noreferrer">{{ part }}</a><template v-else>{{ part }}</template></template></component></div>
          <button v-if="m.mine" type="button" class="quiet unfold" :aria-expanded="Boolean(whole[m.id])" :aria-controls="'easel-words-' + m.id" @click="whole[m.id] = !whole[m.id]">{{ whole[m.id] ? words.less : words.all }}</button>
          <ul v-if="m.files.length" class="files">
            <li v-for="f in m.files" :key="f.id"><a :href="saved(f)" :download="f.name"><img v-if="f.width && !f.moving" :src="f.url" alt="" width="40" height="40" loading="lazy" /><span><b>{{ f.name }}</b>{{ facts(f) }}</span><svg viewBox="0 0 24 24" aria-hidden="true"><path :d="icons.download" /></svg></a></li>
          </ul>
          <div v-if="m.buttons.length" class="buttons">
            <template v-for="b in m.buttons.flat()" :key="b.command + b.text + b.url">
              <a v-if="b.url" class="button" :href="b.url" target="_blank" rel="noopener noreferrer">{{ b.label }}</a>
              <button v-else type="button" :class="['button', b.style, { sure: sure === name(m, b) }]" :disabled="pressed === name(m, b)" @click="press(m, b, $event)" @blur="sure = ''">{{ sure === name(m, b) ? words['really-delete'] : b.label }}</button>
            </template>
          </div>
        </article>
      </div>
    </div>
    <button v-if="!atEnd && list.length" type="button" class="latest" :aria-label="words['to-latest']" :title="words['to-latest']" @click="toEnd(true)"><svg viewBox="0 0 24 24" aria-hidden="true"><path :d="icons.down" /></svg></button>
    <div class="toasts" role="status"><p v-for="t in toasts" :key="t.id" :dir="'auto'">{{ t.text }}</p></div>
    <dialog ref="viewer" class="viewer" :aria-label="words.open" @click.self="$refs.viewer.close()" @close="shown = null" @keydown.left="turn(-1)" @keydown.right="turn(1)">
      <template v-if="shown">
        <header>
          <span>{{ facts(shown) }}</span>
          <button type="button" @click="use(shown)"><svg viewBox="0 0 24 24" aria-hidden="true"><path :d="icons.use" /></svg><i>{{ words.use }}</i></button>
          <a :href="saved(shown)" :download="shown.name"><svg viewBox="0 0 24 24" aria-hidden="true"><path :d="icons.download" /></svg><i>{{ words.download }}</i></a>
          <button type="button" autofocus :aria-label="words.close" @click="$refs.viewer.close()"><svg viewBox="0 0 24 24" aria-hidden="true"><path :d="icons.close" /></svg></button>
        </header>
        <img :src="shown.url" :alt="shown.name" :width="shown.width" :height="shown.height" @click="$refs.viewer.close()" />
        <button v-if="album.length > 1" type="button" class="side left" :aria-label="words.previous" @click="turn(-1)"><svg viewBox="0 0 24 24" aria-hidden="true"><path :d="icons.previous" /></svg></button>
        <button v-if="album.length > 1" type="button" class="side right" :aria-label="words.next" @click="turn(1)"><svg viewBox="0 0 24 24" aria-hidden="true"><path :d="icons.next" /></svg></button>
      </template>
    </dialog>
  </section>`,
  props: { messages: Array, words: Object, language: String },
  directives: { fold: { mounted: folded, updated: folded } },
  data() {
    return { list: [...this.messages], toasts: [], shown: null, album: [], pressed: "", sure: "", whole: {}, atEnd: true, icons: ICONS };
  },
  computed: {
    examples() {
      return ["example-one", "example-two", "example-three"].map((name) => this.words[name]);
    },
  },
  mounted() {
    document.documentElement.lang = this.language;
    // NiceGUI's own notice, in our words.
    document.getElementById("popup").textContent = this.words.offline;
    this.toEnd();
    // Pictures and the composer change heights; whoever is at the end stays there.
    this.sizes = new ResizeObserver(() => {
      this.$el.querySelectorAll(".words").forEach(folded);
      if (this.atEnd) this.toEnd();
    });
    this.sizes.observe(this.$refs.scroller);
    this.sizes.observe(this.$refs.scroller.firstElementChild);
  },
  unmounted() {
    this.sizes.disconnect();
  },
  methods: {
    put(message) {
      const at = this.list.findIndex((m) => m.id === message.id);
      if (at >= 0) this.list[at] = message;
      else this.list.push(message);
      this.pressed = "";
      if (message.mine) this.toEnd(true);
    },
    drop(id) {
      this.list = this.list.filter((m) => m.id !== id);
    },
    toast(text) {
      const toast = { id: fresh(), text };
      this.toasts.push(toast);
      this.pressed = "";
      setTimeout(() => (this.toasts = this.toasts.filter((t) => t !== toast)), 3000 + 60 * text.length);
    },
    name(message, button) {
      return message.id + button.command + button.text;
    },
    press(message, button, event) {
      if (button.sure && this.sure !== this.name(message, button)) return this.doubt(this.name(message, button));
      if (button.sure && event.detail > 1) return; // of a double click
      this.sure = "";
      this.pressed = this.name(message, button);
      setTimeout(() => (this.pressed = ""), 3000);
      this.$emit("press", { id: fresh(), post: message.id, command: button.command, text: button.text });
    },
    // What can't be taken back is asked about in the button's own place, for a while.
    doubt(name) {
      this.sure = name;
      clearTimeout(this.doubts);
      this.doubts = setTimeout(() => (this.sure = ""), SURE);
    },
    propose(prompt) {
      window.dispatchEvent(new CustomEvent("easel:propose", { detail: prompt }));
    },
    use(picture) {
      this.$refs.viewer.close();
      window.dispatchEvent(new CustomEvent("easel:use", { detail: picture }));
    },
    look(message, at) {
      this.album = message.pictures;
      this.shown = this.album[at];
      this.$refs.viewer.showModal();
    },
    turn(step) {
      const at = this.album.indexOf(this.shown);
      this.shown = this.album[(at + step + this.album.length) % this.album.length];
    },
    // What there is to see, and while it is worked at a place for each picture that is to come.
    cells(message) {
      const due = message.busy ? message.due.slice(message.pictures.length) : [];
      return [...message.pictures, ...(due.length || message.pictures.length ? due : [0]).map((ratio) => ({ width: ratio || 1, height: 1 }))];
    },
    grid(count) {
      return { two: [2, 4].includes(count), more: count === 3 || count > 4 };
    },
    // A single picture keeps its shape within a comfortable height; several share a grid. A preview is as
    // large as what it becomes.
    shape(picture, count, message) {
      const ratio = (message.busy && message.due[0]) || picture.width / picture.height;
      if (count > 1) return { aspectRatio: ratio };
      const width = Math.min(560, message.busy ? 560 : picture.width, Math.round(520 * ratio));
      return { aspectRatio: ratio, width: `${width}px` };
    },
    alt(message) {
      return message.text.split("\n")[0].slice(0, 200);
    },
    saved(file) {
      return file.url + (file.url.includes("?") ? "&" : "?") + "download=1";
    },
    facts(file) {
      const size = file.bytes > 1e6 ? (file.bytes / 1e6).toFixed(1) + " MB" : Math.ceil(file.bytes / 1e3) + " kB";
      const sides = file.width ? `${file.width} × ${file.height} · ` : "";
      return `${sides}${file.kind} · ${size}`;
    },
    // Beside a picture the first line speaks and the rest is small print. Addresses become links.
    lines(message) {
      if (message.mine) return [[message.text]];
      const cut = message.pictures.length || message.busy ? message.text.indexOf("\n") : -1;
      const lines = cut < 0 ? [message.text] : [message.text.slice(0, cut), message.text.slice(cut + 1)];
      return lines.map((line) => line.split(ADDRESS));
    },
    scrolled() {
      const box = this.$refs.scroller;
      if (box.scrollHeight - box.scrollTop - box.clientHeight < 48) this.atEnd = true;
      // What grows below has not been scrolled away from.
      else if (box.scrollTop < this.top) this.atEnd = false;
      this.top = box.scrollTop;
    },
    toEnd(asked = false) {
      if (asked) this.atEnd = true;
      this.$nextTick(() => {
        const box = this.$refs.scroller;
        if (box) box.scrollTop = box.scrollHeight;
      });
    },
  },
};

// Marks words of which not all are seen.
function folded(box) {
  box.toggleAttribute("data-more", box.scrollHeight > box.clientHeight + 2);
}

// randomUUID is missing on plain http from another machine.
function fresh() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16).padStart(2, "0")).join("");
}
