//! Who asks, and the one table of what they may do.

use super::{ApiKey, Role, Scope, Scopes, User};
use crate::house::rejection::Rejection;
use crate::id::{Holder, KeyId, UserId};

/// What one needs a right for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Deed {
    /// See what is on, seat maps and anonymous activity.
    Browse,
    /// Hold, book and release for oneself.
    Buy,
    /// The same for somebody else.
    Sell,
    /// Take seats off sale.
    Block,
    /// Undo somebody else's booking.
    CancelForOthers,
    /// See who holds what, and reports.
    SeeOthers,
    /// Movies, screens, shows and prices.
    EditCatalogue,
    /// Users, roles and API keys.
    EditUsers,
    /// One's own sessions and password.
    OwnAccount,
    /// The machine's own figures.
    Measure,
}

impl Deed {
    /// Every deed.
    pub const ALL: [Self; 10] = [
        Self::Browse,
        Self::Buy,
        Self::Sell,
        Self::Block,
        Self::CancelForOthers,
        Self::SeeOthers,
        Self::EditCatalogue,
        Self::EditUsers,
        Self::OwnAccount,
        Self::Measure,
    ];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Browse => "browse",
            Self::Buy => "buy",
            Self::Sell => "sell",
            Self::Block => "block",
            Self::CancelForOthers => "cancel_for_others",
            Self::SeeOthers => "see_others",
            Self::EditCatalogue => "edit_catalogue",
            Self::EditUsers => "edit_users",
            Self::OwnAccount => "own_account",
            Self::Measure => "measure",
        }
    }
}

parse_by_word!(Deed, "deed");

/// How far a right reaches. Each includes the ones before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Guest,
    Customer,
    Staff,
    Manager,
}

impl Role {
    const fn rank(self) -> Rank {
        match self {
            Self::Customer => Rank::Customer,
            Self::Staff => Rank::Staff,
            Self::Manager => Rank::Manager,
        }
    }

    /// Whether a person in this role may do this.
    pub fn may(self, deed: Deed) -> bool {
        permitted(Kind::Person, self.rank(), deed)
    }
}

impl Scope {
    /// `read` is as a guest, `sell` as a customer over the key's own holds, `manage` as a manager.
    const fn rank(self) -> Rank {
        match self {
            Self::Read => Rank::Guest,
            Self::Sell => Rank::Customer,
            Self::Manage => Rank::Manager,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Nobody,
    Person,
    Machine,
}

/// The role table.
fn permitted(kind: Kind, rank: Rank, deed: Deed) -> bool {
    match deed {
        Deed::Browse => true,
        Deed::Buy => rank >= Rank::Customer,
        Deed::Sell | Deed::Block | Deed::CancelForOthers | Deed::SeeOthers => rank >= Rank::Staff,
        Deed::EditCatalogue | Deed::EditUsers => rank >= Rank::Manager,
        Deed::OwnAccount => kind == Kind::Person,
        Deed::Measure => kind == Kind::Machine || rank >= Rank::Manager,
    }
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Principal {
    /// Nobody we know.
    Guest,
    /// A person who signed in.
    User {
        /// Who.
        id: UserId,
        /// What they are.
        role: Role,
    },
    /// A machine.
    Key {
        /// Which.
        id: KeyId,
        /// What it was made for.
        scopes: Scopes,
    },
}

impl Principal {
    /// Whether they may do this.
    pub fn may(self, deed: Deed) -> bool {
        match self {
            Self::Guest => permitted(Kind::Nobody, Rank::Guest, deed),
            Self::User { role, .. } => role.may(deed),
            Self::Key { scopes, .. } => {
                scopes.iter().any(|scope| permitted(Kind::Machine, scope.rank(), deed))
            }
        }
    }

    /// The same, as an answer.
    ///
    /// # Errors
    /// `not_signed_in` for a guest whom signing in might help, else `not_allowed`.
    pub fn require(self, deed: Deed) -> Result<(), Rejection> {
        match self {
            _ if self.may(deed) => Ok(()),
            Self::Guest => Err(Rejection::NotSignedIn),
            Self::User { .. } | Self::Key { .. } => Err(Rejection::NotAllowed),
        }
    }

    /// What they hold seats as; nobody holds seats as a guest.
    pub fn holder(self) -> Option<Holder> {
        match self {
            Self::Guest => None,
            Self::User { id, .. } => Some(Holder::of_user(id)),
            Self::Key { id, .. } => Some(Holder::of_key(id)),
        }
    }
}

impl From<&User> for Principal {
    fn from(user: &User) -> Self {
        Self::User { id: user.id, role: user.role }
    }
}

impl From<&ApiKey> for Principal {
    fn from(key: &ApiKey) -> Self {
        Self::Key { id: key.id, scopes: key.scopes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(role: Role) -> Principal {
        Principal::User { id: UserId::new(7).expect("a number"), role }
    }

    fn key(scopes: &[Scope]) -> Principal {
        let scopes = Scopes::new(scopes.iter().copied()).expect("at least one");
        Principal::Key { id: KeyId::from_bits(0), scopes }
    }

    #[test]
    fn the_role_table_reads_as_it_is_documented() {
        use Deed::*;
        let rights = |who: Principal| -> Vec<Deed> {
            Deed::ALL.into_iter().filter(|deed| who.may(*deed)).collect()
        };
        let staff = vec![Browse, Buy, Sell, Block, CancelForOthers, SeeOthers, OwnAccount];
        let mut manager = Deed::ALL.to_vec();
        assert_eq!(rights(Principal::Guest), [Browse]);
        assert_eq!(rights(user(Role::Customer)), [Browse, Buy, OwnAccount]);
        assert_eq!(rights(user(Role::Staff)), staff);
        assert_eq!(rights(user(Role::Manager)), manager);
        assert_eq!(rights(key(&[Scope::Read])), [Browse, Measure]);
        assert_eq!(rights(key(&[Scope::Sell])), [Browse, Buy, Measure]);
        manager.retain(|deed| *deed != OwnAccount);
        assert_eq!(rights(key(&[Scope::Manage])), manager);
        assert_eq!(rights(key(&[Scope::Read, Scope::Manage])), manager);
    }

    #[test]
    fn a_guest_is_asked_to_sign_in_and_everybody_else_is_told_no() {
        assert_eq!(Principal::Guest.require(Deed::Buy), Err(Rejection::NotSignedIn));
        assert_eq!(user(Role::Customer).require(Deed::Block), Err(Rejection::NotAllowed));
        assert_eq!(key(&[Scope::Read]).require(Deed::Buy), Err(Rejection::NotAllowed));
        assert_eq!(user(Role::Staff).require(Deed::Block), Ok(()));
    }

    #[test]
    fn holders_name_the_kind_of_who_asks() {
        let text = |who: Principal| who.holder().map(|holder| holder.to_string());
        assert_eq!(text(Principal::Guest), None);
        assert_eq!(text(user(Role::Customer)), Some("user:7".into()));
        assert_eq!(text(key(&[Scope::Sell])), Some("key:00000000".into()));
    }
}
