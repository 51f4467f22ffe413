namespace GateKeeper.Core.Rules;

/// <summary>Where each part of a rules file was read, so that what is said of it later still names its line.</summary>
public sealed class RulePlaces
{
    private readonly Dictionary<object, Place> places = new(ReferenceEqualityComparer.Instance);

    /// <summary>The first place stays: what is made of a part is at the place of that part.</summary>
    internal void Note(object part, Place place) => places.TryAdd(part, place);

    /// <summary>The beginning of the file for what has no place of its own.</summary>
    public Place Of(object part) => places.GetValueOrDefault(part, new(1, 1));
}
