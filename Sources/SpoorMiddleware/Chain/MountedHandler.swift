/// A handler for everything below a path, which also takes the path itself without its slash.
///
/// Under `/assets/{path...}` it is asked for `/assets` as well, if no other route matches; the placeholder is empty then.
package protocol MountedHandler: Handler {}
