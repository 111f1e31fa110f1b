//! What a run holds while it computes in this tab: the lock that keeps other tabs from training, and the
//! lock that keeps the screen awake. Both are given back when dropped, and by the browser with the tab.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use futures::channel::oneshot;
use gloo::timers::future::sleep;
use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise, spawn_local};

const TRAINER: &str = "kindling-trainer";

/// A page that was just left, or a check that was just cancelled, still holds its lock for a moment: asked again after
/// this long.
const AGAIN_AFTER: Duration = Duration::from_millis(250);
const TRIES: u32 = 4;

/// Keeps other tabs of this browser from training at the same time, and the screen on.
pub struct Held {
    _release: Option<oneshot::Sender<()>>,
    awake: Rc<Awake>,
    on_visible: Closure<dyn FnMut()>,
}

/// `None`: another tab holds it.
pub async fn hold() -> Option<Held> {
    let release = match locks() {
        Some(locks) => Some(take_patiently(&locks).await?),
        // An old browser, or a page without a secure connection: then nobody can know of other tabs.
        None => None,
    };
    let awake = Rc::new(Awake::default());
    awake.clone().ask();
    // A browser takes the screen lock away when the tab is hidden.
    let on_visible = Closure::new({
        let awake = awake.clone();
        move || {
            if !leptos::prelude::document().hidden() {
                awake.clone().ask();
            }
        }
    });
    let target = leptos::prelude::document();
    drop(target.add_event_listener_with_callback("visibilitychange", on_visible.as_ref().unchecked_ref()));
    Some(Held { _release: release, awake, on_visible })
}

/// A tab of this browser trains now, and goes on with it.
pub async fn stays_held() -> bool {
    for _ in 1..TRIES {
        if !is_held().await {
            return false;
        }
        sleep(AGAIN_AFTER).await;
    }
    is_held().await
}

/// A tab of this browser trains now, this one or another.
pub async fn is_held() -> bool {
    let Some(locks) = locks() else { return false };
    let Some(state) = call(&locks, "query", &Array::new()).await else { return false };
    let held = Reflect::get(&state, &"held".into()).unwrap_or_default();
    let name = |lock: &JsValue| Reflect::get(lock, &"name".into()).ok().and_then(|name| name.as_string());
    Array::from(&held).iter().any(|lock| name(&lock).as_deref() == Some(TRAINER))
}

impl Drop for Held {
    fn drop(&mut self) {
        let target = leptos::prelude::document();
        let callback = self.on_visible.as_ref().unchecked_ref();
        drop(target.remove_event_listener_with_callback("visibilitychange", callback));
        self.awake.release();
    }
}

/// The screen lock. Not getting it is no fault: a low battery is reason enough for a browser to say no.
#[derive(Default)]
struct Awake {
    sentinel: RefCell<Option<JsValue>>,
    /// What is granted after this is given back at once.
    over: Cell<bool>,
}

impl Awake {
    fn ask(self: Rc<Self>) {
        spawn_local(async move {
            let Some(wake_lock) = member("wakeLock") else { return };
            let sentinel = call(&wake_lock, "request", &Array::of1(&"screen".into())).await;
            *self.sentinel.borrow_mut() = sentinel;
            if self.over.get() {
                self.release();
            }
        });
    }

    fn release(&self) {
        self.over.set(true);
        if let Some(sentinel) = self.sentinel.take() {
            spawn_local(async move { drop(call(&sentinel, "release", &Array::new()).await) });
        }
    }
}

/// Takes the lock and holds it until the sender is dropped.
async fn take_patiently(locks: &JsValue) -> Option<oneshot::Sender<()>> {
    for _ in 1..TRIES {
        if let Some(release) = take(locks).await {
            return Some(release);
        }
        sleep(AGAIN_AFTER).await;
    }
    take(locks).await
}

async fn take(locks: &JsValue) -> Option<oneshot::Sender<()>> {
    let (release, released) = oneshot::channel::<()>();
    let (tell, told) = oneshot::channel::<bool>();
    // The browser holds the lock for as long as the promise of this callback is open.
    let callback = Closure::once_into_js(move |lock: JsValue| -> Promise {
        let granted = !lock.is_null();
        let _ = tell.send(granted);
        future_to_promise(async move {
            if granted {
                let _ = released.await;
            }
            Ok(JsValue::UNDEFINED)
        })
    });
    let options = Object::new();
    Reflect::set(&options, &"ifAvailable".into(), &true.into()).ok()?;
    let request: Function = Reflect::get(locks, &"request".into()).ok()?.dyn_into().ok()?;
    request.call3(locks, &TRAINER.into(), &options, &callback).ok()?;
    told.await.ok()?.then_some(release)
}

fn locks() -> Option<JsValue> {
    member("locks")
}

/// A part of `navigator` that not every browser has.
fn member(name: &str) -> Option<JsValue> {
    let navigator = leptos::prelude::window().navigator();
    Reflect::get(&navigator, &name.into()).ok().filter(JsValue::is_object)
}

async fn call(object: &JsValue, method: &str, arguments: &Array) -> Option<JsValue> {
    let function: Function = Reflect::get(object, &method.into()).ok()?.dyn_into().ok()?;
    let promise: Promise = function.apply(object, arguments).ok()?.dyn_into().ok()?;
    JsFuture::from(promise).await.ok()
}
