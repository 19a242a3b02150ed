"""What a Flutter app receives: model, labels, contract, golden vectors, and Dart that follows the contract."""
