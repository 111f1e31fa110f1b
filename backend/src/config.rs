//! Where state and data are kept.

use std::fs::{DirBuilder, File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

/// The folders, as a command line or the environment names them.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Folders {
    /// Folder of the database, runs and models; made if it is missing
    /// [default: kindling in the user's data folder]
    #[arg(long, global = true, env = "KINDLING_STATE", value_name = "DIR")]
    pub state_dir: Option<PathBuf>,
    /// Folder of the data sets [default: data in the state folder]
    #[arg(long, global = true, env = "KINDLING_DATA", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
}

impl Folders {
    pub fn state_dir(&self) -> anyhow::Result<PathBuf> {
        match &self.state_dir {
            Some(dir) => Ok(std::path::absolute(dir)?),
            None => user_data_dir().context("there is no home folder here: say --state-dir"),
        }
    }

    pub fn data_dir(&self) -> anyhow::Result<PathBuf> {
        match &self.data_dir {
            Some(dir) => Ok(std::path::absolute(dir)?),
            None => Ok(self.state_dir()?.join("data")),
        }
    }
}

/// Where programs of this system keep a user's data.
fn user_data_dir() -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = if cfg!(windows) {
        absolute("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        absolute("HOME").map(|home| home.join("Library/Application Support"))
    } else {
        absolute("XDG_DATA_HOME").or_else(|| absolute("HOME").map(|home| home.join(".local/share")))
    };
    base.map(|base| base.join("kindling"))
}

/// The state folder, held by one server for as long as this value lives, however its process ends.
#[must_use]
pub struct StateDir {
    path: PathBuf,
    _lock: File,
}

impl StateDir {
    /// Makes the folder if it is missing, readable by its owner alone, and takes it.
    pub fn take(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        make_private_folder(path)?;
        let lock =
            File::create(path.join("lock")).with_context(|| format!("the state folder {shown} is not writable"))?;
        match lock.try_lock() {
            Ok(()) => Ok(StateDir { path: path.to_path_buf(), _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                bail!("another kindling server works in {shown}: stop it, or say --state-dir")
            }
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("the state folder {shown} can't be locked"))
            }
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn database(&self) -> PathBuf {
        self.path.join("kindling.db")
    }
}

/// Whether a file can be made in the folder. Permissions alone don't tell (a read-only disk, a full one).
pub fn is_writable(folder: &Path) -> bool {
    let probe = folder.join(format!(".kindling-{}", std::process::id()));
    let written = File::create(&probe).is_ok();
    written && std::fs::remove_file(&probe).is_ok()
}

/// Makes the state folder if it is missing, readable by its owner alone.
pub fn make_private_folder(path: &Path) -> anyhow::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).with_context(|| format!("the state folder {} can't be made", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_servers_never_share_a_state_folder() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/state");
        let first = StateDir::take(&path).unwrap();
        let error = StateDir::take(&path).err().unwrap().to_string();
        assert!(error.contains("another kindling server"), "{error}");
        drop(first);
        assert!(StateDir::take(&path).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn the_state_folder_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let state = StateDir::take(&dir.path().join("state")).unwrap();
        assert_eq!(std::fs::metadata(state.path()).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn data_lies_in_the_state_folder_unless_said_otherwise() {
        let folders = Folders { state_dir: Some("/tmp/kindling-state".into()), data_dir: None };
        assert_eq!(folders.data_dir().unwrap(), Path::new("/tmp/kindling-state/data"));
        let folders = Folders { data_dir: Some("/srv/data".into()), ..folders };
        assert_eq!(folders.data_dir().unwrap(), Path::new("/srv/data"));
    }
}
